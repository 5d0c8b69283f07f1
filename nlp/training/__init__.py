"""The recipe that makes kinsong's own English pipeline from a treebank."""
