import { action, file, network, type Sample } from './action.ts'

/** What somebody wanted carried to somebody else: letters and telephone calls. Neither ever leaves. */
export const postActions = {
  mail: action(
    'mail',
    'A message handed over to be delivered, kept whole as a sample with the files in it. `skep.mail.fate`: refused after it was read, or held. It never leaves.',
    { category: ['email'], type: ['info'] },
    (d: {
      /** The envelope (RFC 5321), and what the message's own fields say (RFC 5322). */
      from: string
      to: readonly string[]
      subject?: string
      messageId?: string
      fromField?: string
      fate: 'held' | 'refused'
      /** The host itself, or one of its own users, was meant: otherwise somebody tried to relay. */
      relay: boolean
      sample: Sample
      attachments: readonly { name?: string; type: string; sample: Sample }[]
    }) => ({
      email: {
        from: { address: d.from },
        to: { address: d.to },
        ...(d.subject === undefined ? {} : { subject: d.subject }),
        ...(d.messageId === undefined ? {} : { message_id: d.messageId }),
        ...(d.attachments.length === 0
          ? {}
          : {
              attachments: d.attachments.map(({ name, type, sample }) => ({
                file: { mime_type: type, ...(name === undefined ? {} : { name }), ...file(sample, undefined) },
              })),
            }),
      },
      file: file(d.sample, undefined),
      skep: {
        mail: { fate: d.fate, relay: d.relay, ...(d.fromField === undefined ? {} : { from_field: d.fromField }) },
      },
    }),
  ),

  call: action(
    'call',
    'A telephone call asked for over SIP: whom they dialled, what the number means, what they were told. None is ever placed.',
    network,
    (d: {
      /** As it was dialled. */
      dialled: string
      /** In international form, what was dialled before it, where it leads, and why fraudsters like it. */
      number?: string
      prefix?: string
      country?: string
      risk?: string
      from: string
      display?: string
      callId: string
      userAgent?: string
      /** Of the last answer; 0: none. */
      status: number
      /** Where they wanted to be heard from, and in which codecs. Nothing is ever sent there. */
      media?: { address: string; port: number; codecs: readonly string[] }
    }) => {
      const { userAgent, callId, ...call } = d
      return {
        ...(userAgent === undefined ? {} : { user_agent: { original: userAgent } }),
        skep: { call: { ...call, id: callId } },
      }
    },
  ),
} as const
