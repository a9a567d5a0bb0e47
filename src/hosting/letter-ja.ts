import type { Provider } from './catalogue.ts'
import type { ConditionId } from './conditions.ts'
import type { Facts, Kind, Writer } from './letter.ts'

/** One sentence a line, as business mail is written. */
const fold = (text: string): string => {
  const indent = /^(- | +)?/.exec(text)![0].replace(/[- ]/g, ' ')
  return text.replace(/。(?=[^\n」)])/g, `。\n${indent}`)
}

const held: Record<ConditionId, (facts: Facts) => string> = {
  'no-outbound': () =>
    '- 外向きの通信を行わないこと: 本プログラムに外部へ接続する処理はございません。上記の対策により接続する能力を取り除いたうえ、おとりが始める通信はサーバーのファイアウォールがすべて破棄し、数えます。この条件のもとでは、実際に試して遮断を確認できるまで、プログラムは起動いたしません。貴社ネットワーク側のファイアウォールも必要でしたら、お知らせください。',
  'passive-only': () =>
    '- 応答しないこと: この条件のもとでは、おとりを一つも動かしません。届いたパケットを記録したうえで、サーバーのファイアウォールがすべて破棄いたします。リセットやエラーを含め、応答は一切いたしません。送信されるのは、SSH による私自身の管理作業と、ネットワーク接続の維持に必要なもの(ARP、近隣探索)だけです。実際に試して確認できるまで、プログラムは起動いたしません。',
  'low-impact': ({ limits }) =>
    `- ほかの利用者様や基盤に影響を与えないこと: 同時接続数は全体で ${count(limits.connections)}、接続元ごとに ${count(limits.perSource)} を上限とし、超えた接続は切断いたします。ディスクへの書き込み量にも上限を設けております。この条件のもとでは、おとりの送信は合計で毎秒 1 MB まで(ファイアウォールで制限)、処理は優先度を下げて(nice 10)行い、負荷が高まったときは警告が届きます。別の基準がございましたら、対応いたします。負荷によりご迷惑をおかけする場合は、サーバーを停止いたします。`,
  'declare-research': () =>
    '- 研究目的の事前申告: 本書をもって申告いたします。お尋ねの事項には下記のとおりお答えいたします。',
  'ask-first': () => '- 事前のお問い合わせ: ご回答をいただくまで開始いたしません。',
}

const wishes: Record<Kind, (provider: Provider) => string[]> = {
  permission: ({ reason, seen }) => [
    `${dated(seen)}時点の貴社のご回答を、次の趣旨と理解しております。`,
    `「${reason.ja}」`,
    '現在も同じお考えでしょうか。上記の対策、または追加でご指定いただく対策を講じることを条件に、設置をお認めいただくことは可能でしょうか。',
    '恐れ入りますが、書面(メール)にてご回答をいただけますと幸いです。ご許可をいただくまで、開始はいたしません。',
  ],
  declaration: ({ reason, seen }) => [
    `${dated(seen)}時点の貴社のご条件を、次の趣旨と理解しております。`,
    `「${reason.ja}」`,
    '現在も同じご条件でしょうか。ほかに必要な情報がございましたら、お知らせください。研究用途としてご登録いただけるかどうかも、あわせてご教示いただけますと幸いです。',
  ],
  question: ({ reason, seen, stricter }) => [
    `${dated(seen)}時点の貴社のご回答を、次の趣旨と理解しております。`,
    `「${reason.ja}」`,
    ...(stricter ? ['また、より厳しい内容のご回答もあると承知しております。', `「${stricter.ja}」`] : []),
    '現在も同じお考えでしょうか。ほかに守るべき条件がございましたら、お知らせください。設置を控えるべきとのことでしたら、その旨をお知らせいただければ、貴社サービス上では動かしません。',
  ],
}

const count = (n: number) => n.toLocaleString('en')

/** `2020-03-17` → 2020 年 3 月 17 日 */
function dated(day: string): string {
  const [year, month, date] = day.split('-').map(Number)
  return `${year} 年 ${month} 月 ${date} 日`
}

/** Japanese letters: business mail, in the form one writes to a company. */
export const japanese: Writer = {
  subject: kind =>
    ({
      permission: 'ハニーポット設置のご許可のお願い',
      declaration: 'ハニーポットを用いた研究の事前申告',
      question: 'ハニーポット設置に関するお問い合わせ',
    })[kind],
  opening: ({ name }, kind, { passive }) =>
    [
      `${name.ja} サポートご担当者様`,
      '',
      'お世話になっております。',
      `貴社サービスで契約しているサーバー上で、ハニーポット(${passive ? 'インターネットから届くパケットを記録し、応答は一切しないプログラム' : 'インターネットから届く攻撃を記録するための、おとりのサービス'})を動かしたいと考えております。`,
      kind === 'declaration'
        ? '開始に先立ち、下記のとおり申告いたします。'
        : '開始に先立ち、差し支えがないか確認させていただきたく、ご連絡いたしました。内容は下記のとおりです。',
    ].join('\n'),
  sections: (provider, kind, facts) => [
    { heading: '目的', lines: [facts.purpose] },
    {
      heading: '動かすもの',
      lines: facts.passive ? recorder : decoys(facts),
    },
    { heading: '外向きの通信を防ぐ仕組み', lines: facts.passive ? silence(facts) : lock(facts) },
    ...(provider.conditions.length
      ? [{ heading: 'ご条件への対応', lines: provider.conditions.map(id => held[id](facts)) }]
      : []),
    { heading: kind === 'permission' ? 'お願い' : 'お伺いしたいこと', lines: wishes[kind](provider) },
    {
      heading: '連絡先',
      lines: [
        facts.contact,
        '',
        '貴社や第三者にご迷惑が及んだ場合は、上記までご連絡ください。ただちに停止いたします。',
      ],
    },
  ],
  answers: 'お尋ねの事項への回答',
  closing: () => 'お忙しいところ恐れ入りますが、ご確認のほどよろしくお願いいたします。',
  heading: text => `■ ${text}`,
  fold,
}

const recorder = [
  'おとりは動かさず、外部に向けたポートも開きません。プログラム(オープンソースの skep)は、サーバーに届いたパケットのヘッダーと内容を記録します。届いたものの実行、指示された URL からの取得、他所への中継は行いません。',
]

const decoys = ({ services, everyPort, packets }: Facts): string[] => [
  ...services.map(({ name, ports }) => `- ${name}: ${ports.join('、')}`),
  ...(everyPort
    ? [
        '- 上記以外のすべての TCP ポート: 一部のポートで接続を受け付け、届いた内容を記録します(対応するプロトコルであれば、上記のおとりが応答します)。残りのポートは閉じたままです。',
      ]
    : []),
  '',
  'いずれも本物のサービスを模したものです。プログラム(オープンソースの skep)は、届いたものを実行せず、指示された URL からの取得も、他所への中継も行いません。接続元、試みられた内容(ログイン、コマンド、リクエスト)、残されたファイルを記録します。ファイルは実行せず、そのままの形で保管いたします。',
  ...(packets ? ['スキャンや ping など、接続に至らないパケットも記録します。'] : []),
]

const silence = ({ users }: Facts): string[] => [
  '- パケットを解析するプロセスは、ネットワークを使う権利を初めから持ちません。実行環境(Node.js の権限モデル)が、接続、ポートの待ち受け、ほかのプログラムの起動、自身のコードと記録以外のファイルの操作をすべて拒否します。',
  `- 管理者権限で起動したあとは、一般ユーザーに切り替わります。記録の保存と表示を担う側(uid ${users.hive})とは分離しております。`,
  '- サーバー自身のファイアウォール(nftables の専用テーブル)も設定し、外へ出ようとする通信をすべて破棄して数えます。起動時と 1 時間ごとに、管理者自身の権限で実際に外へ出ようと試み、そのすべてが破棄されたときにのみ、有効とみなします。',
]

function lock({ udp, limits, users, proof }: Facts): string[] {
  return [
    '- TCP のおとりを担うプロセスは、待ち受けポートを開いたあと、外部への接続、名前解決、新たなポートの待ち受けを行う権利を永久に放棄します。以後は実行環境(Node.js の権限モデル)がこれらを拒否するため、接続の受け付け、受信、応答だけが可能です。',
    '- 同じプロセスは、ほかのプログラムの起動、ネイティブコードの読み込み、自身のコードと記録以外のファイルの操作もできません。',
    `- 管理者権限で起動したあとは、一般ユーザー(uid ${users.sensor})に切り替わります。記録の保存と表示を担う側(uid ${users.hive})とは分離しております。`,
    `- 起動のたびに、これらの動作を自サーバー宛てに実際に試み、結果を記録します。${proof ? `直近(${dated(proof.at.slice(0, 10))})の試行では、すべて拒否されました。` : ''}`,
    ...(udp
      ? [
          `- UDP のおとりは、応答のために送信する権限を残しております。どの相手にも、その相手から届いたバイト数を超えて送ることはなく、応答の回数も相手ごとに毎分 ${limits.udpPerSource} 回、全体で毎秒 ${limits.udpOverall} 回までに抑えておりますので、増幅攻撃には利用できません。`,
        ]
      : []),
    `- 管理者権限で起動した場合は、サーバー自身のファイアウォール(nftables の専用テーブル)も設定します。おとりのユーザー(uid ${users.sensor})が始める通信は、IPv4・IPv6 とも、TCP・UDP・ICMP その他すべて破棄して数え、相手が始めた通信への応答だけを通します。起動時と 1 時間ごとに、同じユーザーのプロセスが実際に外へ出ようと試み、そのすべてが破棄されたときにのみ、有効とみなします。`,
  ]
}
