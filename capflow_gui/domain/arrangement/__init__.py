"""Where windows stand on the screens of a computer, and the layouts that are kept of them."""
