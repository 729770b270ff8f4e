"""A release: wheel, sdist, bill of materials and licences."""
