"""Networks: the binary CRNN, its float teacher, and the MobileNet CRNN that both are compared with."""
