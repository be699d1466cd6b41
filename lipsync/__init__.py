"""Lip synthesis: the models of LipGAN and Wav2Lip, fast inference, paste-back, sync scores.

    audio, features     sound → mel or MFCC, and the one map from a frame to its window of sound
    crops               boxes → the pictures the models see
    generator, lipgan, speech2vid          make faces
    expert, quality, lipgan, syncnet       judge them
    checkpoint          weights on disk, ours and the published ones
    engine, fusion, accel, gate            inference, fast and checked
    paste, matching     the new mouth into its frame, in its colours and as sharp
    scores              offset, LSE-D, LSE-C
    threads             the OpenMP wait policy, to be set before torch is imported
    errors              everything that is raised

Pictures are BGR and sound is 16 kHz mono throughout, as the published weights were trained.
Nothing is imported here, so that ``lipsync.threads`` can come before torch.
"""
