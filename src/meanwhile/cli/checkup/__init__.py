"""What ``meanwhile doctor`` looks at: one module per part of a site, each a few functions that return findings."""
