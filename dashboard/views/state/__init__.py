"""What the pages show and what is under way in them: states that know no widgets."""
