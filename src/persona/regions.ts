/** Where the machine's owner lives: country, towns, names, zones and domains that go together. */
export type Region = {
  /** ISO 3166-1 alpha-2, as in a certificate's C. */
  country: string
  /** State or province, and town. */
  towns: readonly (readonly [state: string, town: string])[]
  /**
   * The zone an owner sets who does not leave it at UTC; only zones without summer time, so that the offset is the same
   * all year.
   */
  zone?: readonly [name: string, minutesEast: number]
  suffixes: readonly string[]
  /** Given and family names as log-in names spell them. */
  given: readonly string[]
  family: readonly string[]
  /** How invented names sound. */
  sound: 'japanese' | 'western'
}

const words = (list: string): readonly string[] => list.trim().split(/\s+/)

const english = {
  given: words(`james robert john michael david william thomas daniel matthew anthony mark steven paul andrew kevin
    brian george timothy jason jeff ryan jacob gary nick eric jon steve larry justin scott brandon ben sam greg alex
    jack dennis jerry tyler aaron adam nathan doug zach peter kyle emily sarah laura julia amy rachel hannah megan kate
    helen anna grace olivia claire alice`),
  family: words(`smith johnson williams brown jones miller davis wilson anderson taylor thomas moore jackson martin lee
    thompson white harris clark lewis robinson walker young allen king wright scott hill green adams baker nelson
    carter mitchell turner parker evans edwards collins stewart morris murphy cook rogers reed bailey bell cooper`),
}

/** Regions with how often each is met. */
export const regions: readonly (readonly [weight: number, region: Region])[] = [
  [
    30,
    {
      country: 'JP',
      towns: [
        ['Tokyo', 'Shinjuku-ku'],
        ['Tokyo', 'Minato-ku'],
        ['Tokyo', 'Shibuya-ku'],
        ['Osaka', 'Osaka-shi'],
        ['Kanagawa', 'Yokohama-shi'],
        ['Aichi', 'Nagoya-shi'],
        ['Fukuoka', 'Fukuoka-shi'],
        ['Hokkaido', 'Sapporo-shi'],
      ],
      zone: ['Asia/Tokyo', 540],
      suffixes: ['jp', 'jp', 'co.jp', 'com', 'net', 'ne.jp', 'tokyo'],
      given:
        words(`takashi hiroshi kenji kenta yuki shota daisuke takuya naoki satoshi makoto tetsuya yusuke ryota kazuki
        akira masaki hideki koji shinji tomoya yuta haruto sota ren kaito yuto hiroki keita tatsuya yumi ayumi megumi
        kaori naomi sakura miki yoko emi rie aya mai haruka misaki asuka nana`),
      family: words(`sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki
        yamaguchi matsumoto inoue kimura hayashi shimizu yamazaki mori abe ikeda hashimoto ishikawa yamashita ogawa
        ishii hasegawa goto okada kondo maeda fujita endo aoki sakamoto murakami ota kaneko fujii fukuda nishimura`),
      sound: 'japanese',
    },
  ],
  [
    16,
    {
      country: 'US',
      towns: [
        ['California', 'San Jose'],
        ['Texas', 'Austin'],
        ['New York', 'Brooklyn'],
        ['Washington', 'Tacoma'],
        ['Illinois', 'Chicago'],
        ['Oregon', 'Portland'],
        ['Ohio', 'Columbus'],
      ],
      suffixes: ['com', 'com', 'com', 'net', 'org', 'io', 'us', 'dev'],
      ...english,
      sound: 'western',
    },
  ],
  [
    8,
    {
      country: 'GB',
      towns: [
        ['England', 'London'],
        ['England', 'Manchester'],
        ['England', 'Bristol'],
        ['Scotland', 'Edinburgh'],
      ],
      suffixes: ['co.uk', 'co.uk', 'com', 'org.uk', 'uk'],
      ...english,
      sound: 'western',
    },
  ],
  [
    14,
    {
      country: 'DE',
      towns: [
        ['Hessen', 'Frankfurt am Main'],
        ['Bayern', 'Nuernberg'],
        ['Berlin', 'Berlin'],
        ['Hamburg', 'Hamburg'],
        ['Nordrhein-Westfalen', 'Koeln'],
      ],
      suffixes: ['de', 'de', 'de', 'net', 'com', 'eu', 'org'],
      given: words(`thomas michael andreas stefan christian markus martin daniel sebastian tobias jan florian matthias
        alexander patrick felix lukas jonas max tim niklas philipp simon julian anna julia katharina sabine petra
        claudia nicole sandra lena lisa marie`),
      family: words(`mueller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch bauer klein wolf
        schroeder neumann schwarz zimmermann braun krueger hofmann hartmann lange werner krause lehmann koehler maier`),
      sound: 'western',
    },
  ],
  [
    8,
    {
      country: 'FR',
      towns: [
        ['Ile-de-France', 'Paris'],
        ['Hauts-de-France', 'Lille'],
        ['Auvergne-Rhone-Alpes', 'Lyon'],
        ['Occitanie', 'Toulouse'],
      ],
      suffixes: ['fr', 'fr', 'com', 'net', 'eu'],
      given:
        words(`jean pierre nicolas julien thomas antoine guillaume maxime alexandre vincent sebastien olivier laurent
        romain mathieu clement hugo lucas camille marie sophie julie claire celine emilie pauline manon lea`),
      family: words(`martin bernard dubois thomas robert petit durand leroy moreau simon laurent lefebvre michel garcia
        bertrand roux vincent fournier morel girard andre mercier dupont lambert bonnet francois martinez legrand`),
      sound: 'western',
    },
  ],
  [
    6,
    {
      country: 'NL',
      towns: [
        ['Noord-Holland', 'Amsterdam'],
        ['Zuid-Holland', 'Rotterdam'],
        ['Utrecht', 'Utrecht'],
      ],
      suffixes: ['nl', 'nl', 'com', 'net', 'eu'],
      given: words(`jan peter hans willem bart joost mark sander jeroen martijn dennis rob wouter niels thijs daan sem
        lars anouk sanne lisa eva femke marloes ilse`),
      family: words(`jansen bakker visser smit meijer mulder bos vos peters hendriks dekker brouwer dijkstra smits
        kok jacobs vermeulen schouten willems hoekstra koster prins blom huisman peeters kuipers`),
      sound: 'western',
    },
  ],
  [
    6,
    {
      country: 'SG',
      towns: [['Singapore', 'Singapore']],
      zone: ['Asia/Singapore', 480],
      suffixes: ['com', 'sg', 'com.sg', 'io', 'net'],
      given: words(`wei jun ming hao kai jia xin yi marcus ryan benjamin darren terence alvin jason kelvin desmond
        raymond siti nur priya rachel michelle serene`),
      family: words('tan lim lee ng ong wong goh chua chan koh teo ang yeo tay ho low sim chong leong foo'),
      sound: 'western',
    },
  ],
  [
    6,
    {
      country: 'IN',
      towns: [
        ['Karnataka', 'Bengaluru'],
        ['Maharashtra', 'Pune'],
        ['Tamil Nadu', 'Chennai'],
        ['Telangana', 'Hyderabad'],
      ],
      zone: ['Asia/Kolkata', 330],
      suffixes: ['in', 'in', 'com', 'co.in', 'net', 'io'],
      given: words(`rahul amit rajesh sanjay vijay arun suresh anil manoj deepak ravi ashok vikram rohit ankit nikhil
        karthik pradeep ganesh harish priya neha pooja anjali kavita divya sneha swati`),
      family: words(`kumar sharma singh patel gupta verma reddy rao nair iyer mehta joshi shah desai kulkarni patil
        mishra pandey das roy bose menon pillai naidu`),
      sound: 'western',
    },
  ],
  [
    6,
    {
      country: 'BR',
      towns: [
        ['Sao Paulo', 'Sao Paulo'],
        ['Rio de Janeiro', 'Rio de Janeiro'],
        ['Parana', 'Curitiba'],
        ['Minas Gerais', 'Belo Horizonte'],
      ],
      zone: ['America/Sao_Paulo', -180],
      suffixes: ['com.br', 'com.br', 'com.br', 'com', 'net.br'],
      given: words(`joao pedro lucas gabriel rafael felipe bruno rodrigo thiago leandro diego marcelo andre carlos
        eduardo fernando gustavo leonardo mateus vinicius ana maria juliana fernanda camila larissa beatriz`),
      family: words(`silva santos oliveira souza lima pereira ferreira costa rodrigues almeida nascimento alves carvalho
        araujo ribeiro gomes martins rocha barbosa dias moreira teixeira cardoso`),
      sound: 'western',
    },
  ],
]
