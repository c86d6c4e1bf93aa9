"""The only writers: chapters, pages, PDF, workbook, tables, manifest."""
