"""Small reusable parts of the pages, sized by the 4 px grid and coloured by the tokens."""
