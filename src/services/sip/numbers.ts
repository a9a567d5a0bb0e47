/** What a dialled string means: who prefixes what, where it leads, and whether calls there are what toll fraud lives on. */
export type Dialled = {
  /** As an exchange reads it, `+972…`; without it, an extension or a number of the country itself. */
  number?: string
  /** What stood before it to get an outside line or out of the country: guessed by trying many. */
  prefix?: string
  country?: string
  /** Why fraudsters like it: somebody shares in the price of the call, or it is dear and seldom blocked. */
  risk?: 'premium rate' | 'often defrauded'
}

/** Ways out of a country (ITU-T E.164 annex: 00, 011, 0011, 810 …) behind the digits that offices take for an outside line. */
const international = ['+', '00', '011', '0011', '810', '010', '000', '0000', '00000', '000000']
const outside = [
  '',
  '9',
  '0',
  '8',
  '7',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '99',
  '90',
  '00',
  '09',
  '19',
  '29',
  '39',
  '900',
  '999',
  '88',
  '80',
  '#',
  '*',
  '9#',
  '*9',
]

/** Country codes that fraud reports name most, or that dear numbers hide behind; the longest that fits counts. */
const places: readonly (readonly [code: string, country: string, risk?: Dialled['risk']])[] = [
  ['1900', 'North America, premium', 'premium rate'],
  ...[
    '242',
    '246',
    '264',
    '268',
    '284',
    '345',
    '441',
    '473',
    '649',
    '664',
    '721',
    '758',
    '767',
    '784',
    '809',
    '829',
    '849',
    '868',
    '869',
    '876',
  ].map(code => [`1${code}`, 'Caribbean', 'often defrauded'] as const),
  ['1', 'North America'],
  ['7', 'Russia or Kazakhstan'],
  ['20', 'Egypt', 'often defrauded'],
  ['211', 'South Sudan', 'often defrauded'],
  ['212', 'Morocco', 'often defrauded'],
  ['213', 'Algeria', 'often defrauded'],
  ['216', 'Tunisia', 'often defrauded'],
  ['218', 'Libya', 'often defrauded'],
  ['220', 'Gambia', 'often defrauded'],
  ['221', 'Senegal', 'often defrauded'],
  ['222', 'Mauritania', 'often defrauded'],
  ['223', 'Mali', 'often defrauded'],
  ['224', 'Guinea', 'often defrauded'],
  ['226', 'Burkina Faso', 'often defrauded'],
  ['227', 'Niger', 'often defrauded'],
  ['228', 'Togo', 'often defrauded'],
  ['229', 'Benin', 'often defrauded'],
  ['231', 'Liberia', 'often defrauded'],
  ['232', 'Sierra Leone', 'often defrauded'],
  ['233', 'Ghana'],
  ['234', 'Nigeria'],
  ['235', 'Chad', 'often defrauded'],
  ['236', 'Central African Republic', 'often defrauded'],
  ['239', 'São Tomé and Príncipe', 'often defrauded'],
  ['240', 'Equatorial Guinea', 'often defrauded'],
  ['242', 'Congo', 'often defrauded'],
  ['243', 'Congo (DR)', 'often defrauded'],
  ['245', 'Guinea-Bissau', 'often defrauded'],
  ['246', 'Diego Garcia', 'often defrauded'],
  ['247', 'Ascension', 'often defrauded'],
  ['248', 'Seychelles', 'often defrauded'],
  ['252', 'Somalia', 'often defrauded'],
  ['253', 'Djibouti', 'often defrauded'],
  ['257', 'Burundi', 'often defrauded'],
  ['261', 'Madagascar', 'often defrauded'],
  ['263', 'Zimbabwe', 'often defrauded'],
  ['269', 'Comoros', 'often defrauded'],
  ['27', 'South Africa'],
  ['290', 'Saint Helena', 'often defrauded'],
  ['30', 'Greece'],
  ['31', 'Netherlands'],
  ['32', 'Belgium'],
  ['33', 'France'],
  ['34', 'Spain'],
  ['355', 'Albania', 'often defrauded'],
  ['358', 'Finland'],
  ['36', 'Hungary'],
  ['370', 'Lithuania', 'often defrauded'],
  ['371', 'Latvia', 'often defrauded'],
  ['372', 'Estonia', 'often defrauded'],
  ['373', 'Moldova', 'often defrauded'],
  ['375', 'Belarus', 'often defrauded'],
  ['377', 'Monaco', 'often defrauded'],
  ['380', 'Ukraine'],
  ['381', 'Serbia', 'often defrauded'],
  ['382', 'Montenegro', 'often defrauded'],
  ['383', 'Kosovo', 'often defrauded'],
  ['386', 'Slovenia', 'often defrauded'],
  ['387', 'Bosnia and Herzegovina', 'often defrauded'],
  ['39', 'Italy'],
  ['40', 'Romania'],
  ['41', 'Switzerland'],
  ['420', 'Czechia'],
  ['423', 'Liechtenstein', 'often defrauded'],
  ['43', 'Austria'],
  ['43900', 'Austria, premium', 'premium rate'],
  ['44', 'United Kingdom'],
  ['4470', 'United Kingdom, personal numbers', 'premium rate'],
  ['449', 'United Kingdom, premium', 'premium rate'],
  ['45', 'Denmark'],
  ['46', 'Sweden'],
  ['47', 'Norway'],
  ['48', 'Poland', 'often defrauded'],
  ['49', 'Germany'],
  ['49900', 'Germany, premium', 'premium rate'],
  ['500', 'Falkland Islands', 'often defrauded'],
  ['51', 'Peru'],
  ['52', 'Mexico'],
  ['53', 'Cuba', 'often defrauded'],
  ['54', 'Argentina'],
  ['55', 'Brazil'],
  ['57', 'Colombia'],
  ['592', 'Guyana', 'often defrauded'],
  ['60', 'Malaysia'],
  ['61', 'Australia'],
  ['62', 'Indonesia'],
  ['63', 'Philippines'],
  ['64', 'New Zealand'],
  ['65', 'Singapore'],
  ['66', 'Thailand'],
  ['670', 'East Timor', 'often defrauded'],
  ['674', 'Nauru', 'often defrauded'],
  ['675', 'Papua New Guinea', 'often defrauded'],
  ['676', 'Tonga', 'often defrauded'],
  ['677', 'Solomon Islands', 'often defrauded'],
  ['678', 'Vanuatu', 'often defrauded'],
  ['679', 'Fiji', 'often defrauded'],
  ['681', 'Wallis and Futuna', 'often defrauded'],
  ['682', 'Cook Islands', 'often defrauded'],
  ['683', 'Niue', 'often defrauded'],
  ['685', 'Samoa', 'often defrauded'],
  ['686', 'Kiribati', 'often defrauded'],
  ['688', 'Tuvalu', 'often defrauded'],
  ['690', 'Tokelau', 'often defrauded'],
  ['81', 'Japan'],
  ['82', 'Korea'],
  ['84', 'Vietnam'],
  ['850', 'North Korea', 'often defrauded'],
  ['852', 'Hong Kong'],
  ['855', 'Cambodia', 'often defrauded'],
  ['86', 'China'],
  ['870', 'Inmarsat', 'premium rate'],
  ['881', 'satellites', 'premium rate'],
  ['882', 'international networks', 'premium rate'],
  ['883', 'international networks', 'premium rate'],
  ['90', 'Turkey'],
  ['91', 'India'],
  ['92', 'Pakistan', 'often defrauded'],
  ['93', 'Afghanistan', 'often defrauded'],
  ['94', 'Sri Lanka', 'often defrauded'],
  ['960', 'Maldives', 'often defrauded'],
  ['961', 'Lebanon', 'often defrauded'],
  ['963', 'Syria', 'often defrauded'],
  ['964', 'Iraq', 'often defrauded'],
  ['967', 'Yemen', 'often defrauded'],
  ['970', 'Palestine', 'often defrauded'],
  ['971', 'United Arab Emirates'],
  ['972', 'Israel and Palestine', 'often defrauded'],
  ['973', 'Bahrain'],
  ['974', 'Qatar'],
  ['979', 'international premium rate', 'premium rate'],
  ['98', 'Iran'],
  ['992', 'Tajikistan', 'often defrauded'],
  ['993', 'Turkmenistan', 'often defrauded'],
  ['994', 'Azerbaijan', 'often defrauded'],
  ['995', 'Georgia', 'often defrauded'],
  ['996', 'Kyrgyzstan', 'often defrauded'],
  ['998', 'Uzbekistan', 'often defrauded'],
]
const byCode = new Map(places.map(([code, country, risk]) => [code, { country, ...(risk ? { risk } : {}) }]))
const prefixes = [...new Set(outside.flatMap(line => international.map(way => line + way)))].sort(
  (a, b) => b.length - a.length,
)

/** E.164: at most fifteen digits; fewer than these reach nobody abroad. */
const SHORTEST = 8
const LONGEST = 15

/** Reads the user part of a URI as a telephone system would (RFC 3261 §19.1.6: visual separators and parameters do not count). */
export function readDialled(user: string): Dialled {
  const text = user
    .slice(0, 64)
    .replace(/;.*$/s, '')
    .replace(/[-.() ]/g, '')
  if (!/^[*#+]{0,3}[0-9+#*]{7,40}$/.test(text)) return {}
  for (const prefix of prefixes) {
    if (!text.startsWith(prefix)) continue
    const number = text.slice(prefix.length)
    const place = placeOf(number)
    if (place) return { number: `+${number}`, ...(prefix === '+' ? {} : { prefix }), ...place }
  }
  const place = text.length >= 10 ? placeOf(text) : undefined
  return place ? { number: `+${text}`, ...place } : {}
}

function placeOf(number: string) {
  if (number.length < SHORTEST || number.length > LONGEST || !/^[1-9]\d+$/.test(number)) return undefined
  for (let length = 5; length > 0; length--) {
    const place = byCode.get(number.slice(0, length))
    if (place) return place
  }
  return undefined
}
