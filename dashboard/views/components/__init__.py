"""Parts of pages that know nothing of accounts: charts, tables, help, HTML, repairs of Panel."""
