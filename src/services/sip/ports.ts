/** Where the voice of a call is told to go: even ports out of Asterisk's usual range (rtp.conf), as RTP wants them. */
export const mediaPorts = [10_874, 11_352, 12_630, 13_908, 15_246, 16_594, 17_782, 19_018] as const
