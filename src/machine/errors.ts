import { type Errno, SystemError } from './system.ts'

const texts = {
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EINVAL: 'Invalid argument',
  EXDEV: 'Invalid cross-device link',
  EBUSY: 'Device or resource busy',
  ETXTBSY: 'Text file busy',
  EMLINK: 'Too many links',
  ENXIO: 'No such device or address',
  EIO: 'Input/output error',
  EBADF: 'Bad file descriptor',
  ENOEXEC: 'Exec format error',
  ESRCH: 'No such process',
  ENOTTY: 'Inappropriate ioctl for device',
} as const satisfies Record<Errno, string>

/** strerror(3) of the GNU C library; what is no `SystemError` is thrown on. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof SystemError)) throw error
  return texts[error.errno]
}

/** What it gives, or `otherwise` where the system refuses. */
export function quietly<T>(run: () => T): T | undefined
export function quietly<T>(run: () => T, otherwise: T): T
export function quietly<T>(run: () => T, otherwise?: T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof SystemError) return otherwise
    throw error
  }
}
