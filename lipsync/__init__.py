"""Lip synthesis: the models of LipGAN and Wav2Lip, fast inference, paste-back, sync scores."""
