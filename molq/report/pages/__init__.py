"""Results as self-contained HTML pages of one design, from ``templates``. It must never write HTML by hand."""
