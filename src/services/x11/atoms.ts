/** Atoms that every X server has from its start: those of the protocol (X11, appendix B), then what Xvfb's own parts made. */
const names = [
  'PRIMARY|SECONDARY|ARC|ATOM|BITMAP|CARDINAL|COLORMAP|CURSOR|CUT_BUFFER0|CUT_BUFFER1|CUT_BUFFER2|CUT_BUFFER3|',
  'CUT_BUFFER4|CUT_BUFFER5|CUT_BUFFER6|CUT_BUFFER7|DRAWABLE|FONT|INTEGER|PIXMAP|POINT|RECTANGLE|RESOURCE_MANAGER|',
  'RGB_COLOR_MAP|RGB_BEST_MAP|RGB_BLUE_MAP|RGB_DEFAULT_MAP|RGB_GRAY_MAP|RGB_GREEN_MAP|RGB_RED_MAP|STRING|',
  'VISUALID|WINDOW|WM_COMMAND|WM_HINTS|WM_CLIENT_MACHINE|WM_ICON_NAME|WM_ICON_SIZE|WM_NAME|WM_NORMAL_HINTS|',
  'WM_SIZE_HINTS|WM_ZOOM_HINTS|MIN_SPACE|NORM_SPACE|MAX_SPACE|END_SPACE|SUPERSCRIPT_X|SUPERSCRIPT_Y|SUBSCRIPT_X|',
  'SUBSCRIPT_Y|UNDERLINE_POSITION|UNDERLINE_THICKNESS|STRIKEOUT_ASCENT|STRIKEOUT_DESCENT|ITALIC_ANGLE|X_HEIGHT|',
  'QUAD_WIDTH|WEIGHT|POINT_SIZE|RESOLUTION|COPYRIGHT|NOTICE|FONT_NAME|FAMILY_NAME|FULL_NAME|CAP_HEIGHT|WM_CLASS|',
  'WM_TRANSIENT_FOR|non-desktop|KEYBOARD|MOUSE|TABLET|TOUCHSCREEN|TOUCHPAD|BARCODE|BUTTONBOX|KNOB_BOX|ONE_KNOB|',
  'NINE_KNOB|TRACKBALL|QUADRATURE|ID_MODULE|SPACEBALL|DATAGLOVE|XVideo|FONTNAME_REGISTRY||FOUNDRY|Misc|Fixed|',
  'WEIGHT_NAME|Medium|SLANT|R|SETWIDTH_NAME|SemiCondensed|ADD_STYLE_NAME|PIXEL_SIZE|RESOLUTION_X|RESOLUTION_Y|',
  'SPACING|C|AVERAGE_WIDTH|CHARSET_REGISTRY|ISO8859|CHARSET_ENCODING|1|Public domain font.  Share and enjoy.|',
  '-Misc-Fixed-Medium-R-SemiCondensed--13-120-75-75-C-60-ISO8859-1|These "glyphs" are unencumbered|cursor|',
  'Device Enabled|FLOAT|Coordinate Transformation Matrix|Button Left|Button Middle|Button Right|Button Wheel Up|',
  'Button Wheel Down|Button Horiz Wheel Left|Button Horiz Wheel Right|Rel X|Rel Y|NumLock|Alt|LevelThree|LAlt|',
  'RAlt|RControl|LControl|ScrollLock|LevelFive|AltGr|Meta|Super|Hyper|evdev+aliases(qwerty)|complete|ONE_LEVEL|',
  'Any|TWO_LEVEL|Base|Shift|ALPHABETIC|Caps|KEYPAD|Number|SHIFT+ALT|Shift+Alt|PC_SUPER_LEVEL2|PC_CONTROL_LEVEL2|',
  'Control|PC_LCONTROL_LEVEL2|PC_RCONTROL_LEVEL2|PC_ALT_LEVEL2|PC_LALT_LEVEL2|PC_RALT_LEVEL2|CTRL+ALT|Alt Base|',
  'Shift Alt|Ctrl+Alt|LOCAL_EIGHT_LEVEL|Level3|Shift Level3|Ctrl|Shift Ctrl|Level3 Ctrl|Shift Level3 Ctrl|',
  'THREE_LEVEL|EIGHT_LEVEL|X|X Shift|X Alt Base|X Shift Alt|EIGHT_LEVEL_ALPHABETIC|EIGHT_LEVEL_LEVEL_FIVE_LOCK|',
  'EIGHT_LEVEL_ALPHABETIC_LEVEL_FIVE_LOCK|EIGHT_LEVEL_SEMIALPHABETIC|FOUR_LEVEL|FOUR_LEVEL_ALPHABETIC|',
  'FOUR_LEVEL_SEMIALPHABETIC|FOUR_LEVEL_MIXED_KEYPAD|FOUR_LEVEL_X|SEPARATE_CAPS_AND_SHIFT_ALPHABETIC|AltGr Base|',
  'Shift AltGr|FOUR_LEVEL_PLUS_LOCK|Lock|FOUR_LEVEL_KEYPAD|Alt Number|pc+us+inet(evdev)|English (US)|Caps Lock|',
  'Num Lock|Scroll Lock|Compose|Kana|Sleep|Suspend|Mute|Mail|Charging|Shift Lock|Group 2|Mouse Keys|pc(pc105)|',
  'NORM|BKSP|TABK|BKSL|RTRN|CAPS|LFSH|RTSH|MODK|SMOD|SPCE|KP0|KPAD|LEDS|LED|Function|Alpha|Editing|Keypad|',
  'LedPanel|NumLockLabel|CapsLockLabel|ScrollLockLabel|unknown|_XKB_RULES_NAMES|XTEST Device|',
  'Device Accel Profile|Device Accel Constant Deceleration|Device Accel Adaptive Deceleration|',
  'Device Accel Velocity Scaling',
].join('')

/** Atoms that one connection may make, and their longest name. */
const MOST = 1000
const LONGEST = 256

const known = names.split('|')
const numbers = new Map(known.map((name, i) => [name, i + 1]))

/** Names and numbers of one connection's server; numbers begin with 1. */
export class Atoms {
  #names: string[] = []

  /** 0 where there is none and none is made. */
  intern(name: string, onlyIfExists: boolean): number {
    const found = numbers.get(name)
    if (found !== undefined) return found
    const own = this.#names.indexOf(name)
    if (own >= 0) return known.length + 1 + own
    if (onlyIfExists || this.#names.length >= MOST || name.length > LONGEST) return 0
    return known.length + this.#names.push(name)
  }
  name(atom: number): string | undefined {
    return atom <= known.length ? known[atom - 1] : this.#names[atom - 1 - known.length]
  }
}
