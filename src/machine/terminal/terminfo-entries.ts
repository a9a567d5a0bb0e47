/**
 * Capabilities of terminals as infocmp(1) of ncurses 6.4 (Debian 12) writes them: the entries that people come with, and the
 * capabilities that programs here use. After a name comes the entry it differs from; `-name` is a capability that it lacks.
 */
export const entries: readonly (readonly [name: string, base: string, differences: string])[] = [
  [
    'xterm',
    '',
    String.raw`am, bce, km, mir, msgr, xenl, colors#8, cols#80, it#8, lines#24, pairs#64, bel=^G, blink=\E[5m, bold=\E[1m, cbt=\E[Z, civis=\E[?25l, clear=\E[H\E[2J, cnorm=\E[?12l\E[?25h, cr=\r, csr=\E[%i%p1%d;%p2%dr, cub=\E[%p1%dD, cub1=^H, cud=\E[%p1%dB, cud1=\n, cuf=\E[%p1%dC, cuf1=\E[C, cup=\E[%i%p1%d;%p2%dH, cuu=\E[%p1%dA, cuu1=\E[A, cvvis=\E[?12;25h, dch=\E[%p1%dP, dch1=\E[P, dim=\E[2m, dl=\E[%p1%dM, dl1=\E[M, ech=\E[%p1%dX, ed=\E[J, el=\E[K, el1=\E[1K, flash=\E[?5h$<100/>\E[?5l, home=\E[H, hpa=\E[%i%p1%dG, ht=^I, hts=\EH, ich=\E[%p1%d@, il=\E[%p1%dL, il1=\E[L, ind=\n, indn=\E[%p1%dS, invis=\E[8m, is2=\E[!p\E[?3;4l\E[4l\E>, kbs=^?, kcub1=\EOD, kcud1=\EOB, kcuf1=\EOC, kcuu1=\EOA, kdch1=\E[3~, kend=\EOF, kf1=\EOP, kf2=\EOQ, khome=\EOH, kich1=\E[2~, knp=\E[6~, kpp=\E[5~, nel=\EE, op=\E[39;49m, rc=\E8, rev=\E[7m, ri=\EM, rin=\E[%p1%dT, ritm=\E[23m, rmacs=\E(B, rmam=\E[?7l, rmcup=\E[?1049l\E[23;0;0t, rmir=\E[4l, rmkx=\E[?1l\E>, rmso=\E[27m, rmul=\E[24m, rs1=\Ec, rs2=\E[!p\E[?3;4l\E[4l\E>, sc=\E7, setab=\E[4%p1%dm, setaf=\E[3%p1%dm, sgr0=\E(B\E[m, sitm=\E[3m, smacs=\E(0, smam=\E[?7h, smcup=\E[?1049h\E[22;0;0t, smir=\E[4h, smkx=\E[?1h\E=, smso=\E[7m, smul=\E[4m, tbc=\E[3g, u7=\E[6n, vpa=\E[%i%p1%dd`,
  ],
  [
    'xterm-256color',
    'xterm',
    String.raw`ccc, colors#256, pairs#65536, rs1=\Ec\E]104\007, setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m, setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m`,
  ],
  [
    'xterm-color',
    'xterm',
    String.raw`is2=\E[m\E[?7h\E[4l\E>\E7\E[r\E[?1;3;4;6l\E8, kf1=\E[11~, kf2=\E[12~, op=\E[m, rmacs=^O, rmcup=\E[2J\E[?47l\E8, rmso=\E[m, rmul=\E[m, rs2=\E[m\E[?7h\E[4l\E>\E7\E[r\E[?1;3;4;6l\E8, sgr0=\E[m, smacs=^N, smcup=\E7\E[?47h, -bce, -blink, -cbt, -civis, -cnorm, -cvvis, -dim, -ech, -el1, -flash, -hpa, -ich, -indn, -invis, -kend, -khome, -nel, -rin, -ritm, -rmam, -rs1, -sitm, -smam, -vpa`,
  ],
  ['xterm-vt220', 'xterm', String.raw`kend=\E[4~, khome=\E[1~`],
  [
    'linux',
    'xterm-vt220',
    String.raw`ccc, civis=\E[?25l\E[?1c, clear=\E[H\E[J, cnorm=\E[?25h\E[?0c, cvvis=\E[?25h\E[?8c, flash=\E[?5h$<200/>\E[?5l, ich1=\E[@, kcub1=\E[D, kcud1=\E[B, kcuf1=\E[C, kcuu1=\E[A, kf1=\E[[A, kf2=\E[[B, nel=\r\n, rmacs=^O, rs1=\Ec\E]R, sgr0=\E[m\017, smacs=^N, -km, -cols, -lines, -cbt, -indn, -invis, -is2, -rin, -ritm, -rmcup, -rmkx, -rs2, -sitm, -smcup, -smkx`,
  ],
  [
    'screen',
    'xterm-vt220',
    String.raw`clear=\E[H\E[J, cnorm=\E[34h\E[?25h, cuu1=\EM, cvvis=\E[34l, flash=\Eg, is2=\E)0, rmacs=^O, rmcup=\E[?1049l, rmso=\E[23m, rs2=\Ec\E[?1000l\E[?25h, sgr0=\E[m\017, smacs=^N, smcup=\E[?1049h, smso=\E[3m, -bce, -ech, -invis, -ritm, -rmam, -rs1, -sitm, -smam`,
  ],
  [
    'screen-256color',
    'screen',
    String.raw`colors#256, pairs#65536, setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m, setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m`,
  ],
  [
    'tmux',
    'screen',
    String.raw`dsl=\E]0;\007, fsl=^G, invis=\E[8m, ritm=\E[23m, rmso=\E[27m, sitm=\E[3m, smso=\E[7m, tsl=\E]0;`,
  ],
  [
    'tmux-256color',
    'screen-256color',
    String.raw`dsl=\E]0;\007, fsl=^G, invis=\E[8m, ritm=\E[23m, rmso=\E[27m, sitm=\E[3m, smso=\E[7m, tsl=\E]0;`,
  ],
  [
    'rxvt',
    'linux',
    String.raw`km, cols#80, lines#24, civis=\E[?25l, clear=\E[H\E[2J, cnorm=\E[?25h, flash=\E[?5h\E[?5l, is2=\E[r\E[m\E[2J\E[H\E[?7h\E[?1;3;4;6l\E[4l, kend=\E[8~, kf1=\E[11~, kf2=\E[12~, khome=\E[7~, rmcup=\E[2J\E[?47l\E8, rmkx=\E>, rs1=\E>\E[1;3;4;5;6l\E[?7h\E[m\E[r\E[2J\E[H, rs2=\E[r\E[m\E[2J\E[H\E[?7h\E[?1;3;4;6l\E[4l\E=\E[?1000l\E[?25h, smcup=\E7\E[?47h, smkx=\E=, -ccc, -cvvis, -dch, -dch1, -dim, -ech, -nel, -rmam, -smam, -u7`,
  ],
  [
    'rxvt-unicode',
    'xterm',
    String.raw`ccc, colors#88, pairs#7744, dsl=\E]2;\007, flash=\E[?5h$<20/>\E[?5l, fsl=^G, ich1=\E[@, is2=\E[r\E[m\E[2J\E[?7;25h\E[?1;3;4;5;6;9;66;1000;1001;1049l\E[4l, kcub1=\E[D, kcud1=\E[B, kcuf1=\E[C, kcuu1=\E[A, kend=\E[8~, kf1=\E[11~, kf2=\E[12~, khome=\E[7~, rmcup=\E[r\E[?1049l, rmkx=\E>, rs2=\E[r\E[m\E[?7;25h\E[?1;3;4;5;6;9;66;1000;1001;1049l\E[4l, setab=\E[48;5;%p1%dm, setaf=\E[38;5;%p1%dm, sgr0=\E[m\E(B, smcup=\E[?1049h, smkx=\E=, tsl=\E]2;, -cbt, -dim, -invis, -nel`,
  ],
  ['rxvt-unicode-256color', 'rxvt-unicode', 'colors#256, pairs#32767'],
  [
    'vt100',
    'xterm-color',
    String.raw`blink=\E[5m$<2>, bold=\E[1m$<2>, clear=\E[H\E[J$<50>, cuf1=\E[C$<2>, cup=\E[%i%p1%d;%p2%dH$<5>, cuu1=\E[A$<2>, ed=\E[J$<50>, el=\E[K$<3>, el1=\E[1K$<3>, kbs=^H, kf1=\EOP, kf2=\EOQ, rev=\E[7m$<2>, ri=\EM$<5>, rmam=\E[?7l, rmso=\E[m$<2>, rmul=\E[m$<2>, rs2=\E<\E>\E[?3;4;5l\E[?7;8h\E[r, sgr0=\E[m\017$<2>, smam=\E[?7h, smso=\E[7m$<2>, smul=\E[4m$<2>, -km, -mir, -colors, -pairs, -dch, -dch1, -dl, -dl1, -il, -il1, -is2, -kdch1, -kich1, -knp, -kpp, -op, -rmcup, -rmir, -setab, -setaf, -smcup, -smir`,
  ],
  ['vt102', 'vt100', String.raw`dch1=\E[P, dl1=\E[M, il1=\E[L, rmir=\E[4l, smir=\E[4h`],
  [
    'vt220',
    'linux',
    String.raw`cols#80, lines#24, civis=\E[?25l, cnorm=\E[?25h, ind=\ED, is2=\E[?7h\E[>\E[?1l\E F\E[?4l, kbs=^H, kf1=\EOP, kf2=\EOQ, nel=\EE, rmacs=\E(B$<4>, rs1=\E[?3l, sgr0=\E[m\E(B, smacs=\E(0$<2>, -bce, -ccc, -colors, -pairs, -cvvis, -dim, -hpa, -ich1, -kend, -khome, -op, -setab, -setaf, -vpa`,
  ],
  [
    'ansi',
    'linux',
    String.raw`cols#80, lines#24, cbt=\E[Z, cub1=\E[D, cud1=\E[B, ht=\E[I, indn=\E[%p1%dS, invis=\E[8m, kbs=^H, khome=\E[H, kich1=\E[L, nel=\r\E[S, rin=\E[%p1%dT, rmacs=\E[10m, rmso=\E[m, rmul=\E[m, sgr0=\E[0;10m, smacs=\E[11m, -bce, -ccc, -xenl, -civis, -cnorm, -csr, -cvvis, -dim, -flash, -ich1, -kdch1, -kend, -kf1, -kf2, -knp, -kpp, -rc, -ri, -rmam, -rmir, -rs1, -sc, -smam, -smir`,
  ],
  [
    'cygwin',
    'linux',
    String.raw`cud1=\E[B, fsl=^G, invis=\E[8m, kbs=^H, rmacs=\E[10m, rmcup=\E[2J\E[?47l\E8, sgr0=\E[0;10m, smacs=\E[11m, smcup=\E7\E[?47h, tsl=\E];, -bce, -ccc, -xenl, -blink, -civis, -cnorm, -csr, -cvvis, -dim, -ech, -flash, -hts, -rmam, -smam, -tbc`,
  ],
  ['dumb', '', String.raw`am, cols#80, bel=^G, cr=\r, cud1=\n, ind=\n`],
  [
    'putty',
    'tmux',
    String.raw`bce, ccc, cnorm=\E[?25h, cud1=\ED, ech=\E[%p1%dX, flash=\E[?5h$<100/>\E[?5l, is2=\E7\E[r\E[m\E[?7h\E[?1;4;6l\E[4l\E8\E>\E]R, kf1=\E[11~, kf2=\E[12~, nel=\r\n, rmam=\E[?7l, rs2=\E<\E["p\E[50;6"p\Ec\E[?3l\E]R\E[?1000l, smam=\E[?7h, -km, -cols, -lines, -cvvis, -dim, -ich, -invis, -ritm, -sitm`,
  ],
  [
    'putty-256color',
    'putty',
    String.raw`colors#256, pairs#65536, setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m, setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m, -ccc`,
  ],
  [
    'konsole',
    'xterm',
    String.raw`cnorm=\E[?25h, is2=\E[m\E[?7h\E[4l\E>\E7\E[r\E[?1;3;4;6l\E8, rmacs=^O, rmcup=\E[2J\E[?47l\E8, rs2=\E7\E[r\E8\E[m\E[?7h\E[?1;3;4;6l\E[4l\E>\E[?1000l\E[?25h, sgr0=\E[0m\017, smacs=^N, smcup=\E7\E[?47h, -km, -cbt, -cvvis, -el1, -ich, -nel`,
  ],
  [
    'konsole-256color',
    'konsole',
    String.raw`colors#256, pairs#65536, setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m, setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m`,
  ],
  [
    'gnome',
    'konsole',
    String.raw`rs2=\E7\E[r\E8\E[m\E[?7h\E[!p\E[?1;3;4;6l\E[4l\E>\E[?1000l\E[?25h, -blink, -flash, -indn, -rin`,
  ],
  [
    'gnome-256color',
    'konsole-256color',
    String.raw`ccc, rs2=\E7\E[r\E8\E[m\E[?7h\E[!p\E[?1;3;4;6l\E[4l\E>\E[?1000l\E[?25h, -blink, -flash, -indn, -rin`,
  ],
  ['alacritty', 'xterm-256color', String.raw`dsl=\E]2;\007, fsl=^G, tsl=\E]2;, -km, -nel`],
  [
    'st-256color',
    'alacritty',
    String.raw`cnorm=\E[?25h, dsl=\E]0;\007, is2=\E[4l\E>\E[?1034l, kend=\E[4~, khome=\E[1~, rmcup=\E[?1049l, rs1=\Ec, rs2=\E[4l\E>\E[?1034l, sgr0=\E[0m, smcup=\E[?1049h, tsl=\E]0;, -cvvis, -rmam, -smam`,
  ],
  [
    'iterm2',
    'alacritty',
    String.raw`clear=\E[H\E[J, cnorm=\E[?25h, flash=\E[?5h$<200/>\E[?5l, ich1=\E[@, nel=\EE, rmacs=^O, rs2=\E[!p\E[?3;4l\E[4l\E>\E[?1000l, sgr0=\E[m\017, smacs=^N, -ccc, -cvvis, -ech, -invis, -is2, -kich1, -rs1`,
  ],
  [
    'eterm-color',
    'cygwin',
    String.raw`xenl, cols#80, lines#24, blink=\E[5m, csr=\E[%i%p1%d;%p2%dr, cud1=\n, kbs=^?, kcub1=\EOD, kcud1=\EOB, kcuf1=\EOC, kcuu1=\EOA, rs1=\Ec, setab=\E[%p1%'('%+%dm, setaf=\E[%p1%{30}%+%dm, sgr0=\E[m, -it, -fsl, -hpa, -ich1, -kf1, -kf2, -nel, -rmacs, -smacs, -tsl, -vpa`,
  ],
  [
    'Eterm',
    'rxvt',
    String.raw`cud1=\E[B, dch=\E[%p1%dP, dch1=\E[P, ech=\E[%p1%dX, rmam=\E[?7l, rmkx=, rs2=\E[r\E[m\E[2J\E[H\E[?7h\E[?1;3;4;6l\E[4l\E>\E[?1000l\E[?25h, smam=\E[?7h, smkx=, u7=\E[6n, -km, -flash, -ich1`,
  ],
  [
    'vte-256color',
    'gnome-256color',
    String.raw`blink=\E[5m, cbt=\E[Z, el1=\E[1K, flash=\E[?5h$<100/>\E[?5l, ich=\E[%p1%d@, indn=\E[%p1%dS, nel=\EE, rin=\E[%p1%dT, rmcup=\E[?1049l\E[23;0;0t, smcup=\E[?1049h\E[22;0;0t`,
  ],
  [
    'nsterm',
    'iterm2',
    String.raw`invis=\E[8m, rmcup=\E[?1049l, rs2=\E>\E[?3l\E[?4l\E[?5l\E[?7h\E[?8h, smcup=\E[?1049h, -cbt, -indn, -nel, -rin`,
  ],
  [
    'pcansi',
    'ansi',
    String.raw`ht=^I, op=\E[37;40m, smacs=\E[12m, -cub, -cud, -cuf, -cuu, -dch, -dl, -ech, -el1, -hpa, -ich, -il, -indn, -kich1, -nel, -rin, -u7, -vpa`,
  ],
  [
    'vt320',
    'vt220',
    String.raw`clear=\E[H\E[2J, dsl=\E[0$~, fsl=\E[0$}, is2=\E>\E[?3l\E[?4l\E[?5l\E[?7h\E[?8h\E[1;24r\E[24;1H, kbs=^?, kcub1=\EOD, kcud1=\EOB, kcuf1=\EOC, kcuu1=\EOA, khome=\E[1~, rmacs=\E(B, rmkx=\E[?1l\E>, rmso=\E[m, rmul=\E[m, rs2=\E>\E[?3l\E[?4l\E[?5l\E[?7h\E[?8h\E[1;24r\E[24;1H, smacs=\E(0, smkx=\E[?1h\E=, tsl=\E[2$~\E[1$}\E[%i%p1%d\u0060, -it, -flash, -rs1`,
  ],
  [
    'vt52',
    '',
    String.raw`cols#80, it#8, lines#24, bel=^G, clear=\EH\EJ, cr=\r, cub1=\ED, cud1=\EB, cuf1=\EC, cup=\EY%p1%' '%+%c%p2%' '%+%c, cuu1=\EA, ed=\EJ, el=\EK, home=\EH, ht=^I, ind=\n, kbs=^H, kcub1=\ED, kcud1=\EB, kcuf1=\EC, kcuu1=\EA, kf1=\EP, kf2=\EQ, nel=\r\n, ri=\EI, rmacs=\EG, rmkx=\E>, smacs=\EF, smkx=\E=`,
  ],
  [
    'xterm-direct',
    'xterm',
    String.raw`colors#16777216, pairs#65536, setab=\E[%?%p1%{8}%<%t4%p1%d%e48:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m, setaf=\E[%?%p1%{8}%<%t3%p1%d%e38:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m`,
  ],
  [
    'wsvt25',
    'vt220',
    String.raw`bce, colors#8, lines#25, pairs#64, is2=\E[r\E[25;1H, kend=\E[8~, kf1=\E[11~, kf2=\E[12~, khome=\E[7~, op=\E[m, rs1=\Ec, setab=\E[4%p1%dm, setaf=\E[3%p1%dm`,
  ],
  [
    'sun',
    'pcansi',
    String.raw`km, lines#34, clear=^L, cub1=^H, cud1=\n, dch=\E[%p1%dP, dl=\E[%p1%dM, ich=\E[%p1%d@, ich1=\E[@, il=\E[%p1%dL, kdch1=^?, kend=\E[220z, kf1=\E[224z, kf2=\E[225z, khome=\E[214z, kich1=\E[247z, knp=\E[222z, kpp=\E[216z, rs2=\E[s, sgr0=\E[m, -mir, -colors, -it, -pairs, -blink, -bold, -cbt, -home, -hts, -invis, -op, -rmacs, -rmul, -setab, -setaf, -smacs, -smul, -tbc`,
  ],
]
