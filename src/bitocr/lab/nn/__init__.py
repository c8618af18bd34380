"""Networks: the binary CRNN, its float teacher, the MobileNet CRNN to compare with, and the detector."""
