"""The public pages, where guardians activate their accounts: plain HTML, apart from the staff's."""
