"""What other systems know: one package for each kind of file that can be taken in."""
