"""The checks of the course, one file a lesson: each looks at a reader's own objects and gives a finding."""
