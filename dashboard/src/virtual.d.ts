declare module 'virtual:atlas' {
  import type { GeometryCollection, Topology } from 'topojson-specification'

  const topology: Topology<{ countries: GeometryCollection }>
  export default topology
}

declare module 'asciinema-player/dist/bundle/asciinema-player.css'
