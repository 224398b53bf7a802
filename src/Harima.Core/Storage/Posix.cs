using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>The calls whose errno decides what happens next; .NET's own wrappers blur or hide them.</summary>
static partial class Posix
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int ENOTDIR = 20;
    public const int EISDIR = 21;
    public const int EINVAL = 22;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int ENAMETOOLONG = 36;
    public const int ENOTEMPTY = 39;
    public const int ELOOP = 40;
    public const int EILSEQ = 84;
    public const int EDQUOT = 122;

    const int ReadOnly = 0;
    const int ReadWrite = 2;
    const int CreateNew = 0x40 | 0x80;
    const int EverybodyButUmask = 0x1B6;
    const int Directory = 0x10000;
    const int CloseOnExec = 0x80000;

    /// <returns>0, or the errno.</returns>
    public static int Rename(string from, string to) => rename(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Gives a file a second name.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Link(string from, string to) => link(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <returns>0, or the errno.</returns>
    public static int Unlink(string path) => unlink(path) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Removes an empty folder.</summary>
    /// <returns>0, or the errno.</returns>
    public static int RemoveFolder(string path) => rmdir(path) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Makes the entries of a folder durable: after a rename or a create, the name itself lives there.</summary>
    public static void SyncFolder(string path) => WithFolder(path, fsync);

    /// <summary>Makes everything on the file system of <paramref name="path"/> durable: one call for many renames.</summary>
    public static void SyncFileSystem(string path) => WithFolder(path, syncfs);

    /// <summary>A folder to be synced again and again.</summary>
    public static SafeFileHandle OpenFolder(string path)
    {
        var descriptor = open(path, ReadOnly | Directory | CloseOnExec, 0);
        return descriptor < 0 ? throw Failed("open", path) : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    public static void Sync(SafeFileHandle handle)
    {
        if (fsync(handle) != 0)
            throw Failed("fsync", "an open file");
    }

    public static void SyncFileSystem(SafeFileHandle handle)
    {
        if (syncfs(handle) != 0)
            throw Failed("syncfs", "an open folder");
    }

    public static bool IsFull(IOException fault) => fault.HResult is ENOSPC or EDQUOT;

    /// <summary>Opens a file for reading: one call, where .NET's adds a lock and two looks at the file. Null where there is none.</summary>
    public static SafeFileHandle? TryOpenToRead(string path)
    {
        var descriptor = open(path, ReadOnly | CloseOnExec, 0);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        return Marshal.GetLastPInvokeError() is ENOENT or ENOTDIR or EACCES or ENAMETOOLONG or ELOOP
            ? null
            : throw Failed("open", path);
    }

    /// <summary>Makes a new file, open for reading and writing: one call, where .NET's adds a lock and three looks at the file.</summary>
    public static SafeFileHandle Create(string path)
    {
        var descriptor = open(path, ReadWrite | CreateNew | CloseOnExec, EverybodyButUmask);
        return descriptor < 0 ? throw Failed("open", path) : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Size, and modification time in nanoseconds since 1970; null for what is not a plain file.</summary>
    public static unsafe (long SizeBytes, long ModifiedNanoseconds)? Look(SafeFileHandle handle)
    {
        const int EmptyPath = 0x1000;
        const uint TypeMtimeSize = 0x1 | 0x40 | 0x200;
        const int TypeMask = 0xF000;
        const int Plain = 0x8000;
        var found = default(StatX);
        if (statx(handle, "", EmptyPath, TypeMtimeSize, &found) != 0)
            throw Failed("statx", "an open file");
        return (found.Mode & TypeMask) == Plain
            ? ((long)found.Size, (found.ModifiedSeconds * 1_000_000_000) + found.ModifiedNanoseconds)
            : null;
    }

    // struct statx of linux/stat.h: the same on every architecture, unlike struct stat.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct StatX
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }

    static void WithFolder(string path, Func<int, int> act)
    {
        var descriptor = open(path, ReadOnly | Directory | CloseOnExec, 0);
        if (descriptor < 0)
            throw Failed("open", path);
        try
        {
            if (act(descriptor) != 0)
                throw Failed("sync", path);
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    static IOException Failed(string what, string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{what} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle handle);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle handle);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(SafeFileHandle folder, string path, int flags, uint mask, StatX* found);
}
