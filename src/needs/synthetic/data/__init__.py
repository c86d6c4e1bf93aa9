"""Published counts that the bundled synthetic study is fitted to."""
