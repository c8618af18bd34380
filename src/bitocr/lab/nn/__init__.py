"""Networks: the binary CRNN, its float twin, and the MobileNet CRNN that both are compared with."""
