"""bitocr as an engine of other programs: Tesseract's interface, OCRmyPDF, Docling."""
