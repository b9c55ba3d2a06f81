"""Where activities show on other pages, by subject: navigation, tabs, panels, search, commands, notifications."""
