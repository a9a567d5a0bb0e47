/** What `-eq`, `-ne`, `-lt`, `-le`, `-gt` and `-ge` of test(1) and `[[` say of two integers. */
export const compareIntegers = (operator: string, a: bigint, b: bigint): boolean => {
  switch (operator) {
    case '-eq':
      return a === b
    case '-ne':
      return a !== b
    case '-lt':
      return a < b
    case '-le':
      return a <= b
    case '-gt':
      return a > b
    default:
      return a >= b
  }
}
