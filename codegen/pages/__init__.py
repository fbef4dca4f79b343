"""What our pages share: elements, tabs, policies; words that are safe in Markdown."""
