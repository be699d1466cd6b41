"""A speaker's own mouth: the shape from a generator, the pixels from the speaker's own frames.

A generator says what shape a mouth must have, in few and soft pixels.  The source shows the same
person's mouth in many real frames, sharp and with the person's own teeth:

    descriptors   what a mouth and a head's pose look like, as vectors that can be compared
    selection     a diverse few of any number of frames, in one pass
    matching      which of them fit a made mouth
    path          one for each frame of a video, so that the picture does not jump
    warp          the chosen one bent onto the made mouth, in the frame's own pixels
    transfer      its light brought to the frame's
    covering      what lies before a mouth

Only arrays come in and go out.
"""
