/** Line icons on a 24-unit grid, drawn for this page. */
const paths = {
  overview: 'M12 3l7.800 4.500v9L12 21l-7.800-4.500v-9zM12 8.500l3 1.750v3.500l-3 1.750-3-1.750v-3.500z',
  events: 'M4 6h16M4 12h16M4 18h10',
  sessions: 'M3 5h18v14H3zM7 10l3 2.500L7 15M12.500 15.500H17',
  services: 'M3 12h4l2.500-6 4.500 12 2.500-6h4.500',
  samples:
    'M12 8.500c-2.800 0-4.500 2-4.500 5.500s1.700 6 4.500 6 4.500-2.500 4.500-6-1.700-5.500-4.500-5.500zM9.500 8.500C9.500 6 10.500 5 12 5s2.500 1 2.500 3.500M7.500 12.500L4 10.500M7.500 16L4 18M16.500 12.500l3.500-2M16.500 16l3.500 2',
  sql: 'M5 6c0-1.700 3-3 7-3s7 1.300 7 3-3 3-7 3-7-1.300-7-3zM5 6v12c0 1.700 3 3 7 3s7-1.300 7-3V6M5 12c0 1.700 3 3 7 3s7-1.300 7-3',
  about: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.500M12 7.500v.5',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.300 15.300L20 20',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  pause: 'M8.500 5v14M15.500 5v14',
  play: 'M8 5l11 7-11 7z',
  down: 'M12 4v12M7 11.500l5 5 5-5M5 20h14',
  opened: 'M4 12h13M12 6.500l5.500 5.500-5.500 5.500',
  closed: 'M12 4v8M7 6.500a8 8 0 1 0 10 0',
  hello:
    'M12 4c4.500 0 8 3 8 7s-3.500 7-8 7c-1 0-2-.2-3-.5L4.500 19.500l1-3.500C4.500 14.700 4 13 4 11c0-4 3.500-7 8-7z',
  login: 'M8 10V7.500a4 4 0 0 1 8 0V10M5.500 10h13v10h-13zM12 14v2.500',
  command: 'M4 6l6 6-6 6M12 18h8',
  request:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 2.700 4 5.500 4 9s-1 6.300-4 9c-3-2.700-4-5.500-4-9s1-6.300 4-9z',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17v.5',
} as const
export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <path
        class="straw"
        d="M16 3c7 0 10 5 11 10 1.300 4.500 1.500 9 1.500 14h-25c0-5 .2-9.500 1.500-14C6 8 9 3 16 3z"
      />
      <path class="band" d="M7 11h18M5 17h22M4 23h24" />
      <path class="door" d="M12.500 27.500a3.500 4 0 0 1 7 0z" />
    </svg>
  )
}
