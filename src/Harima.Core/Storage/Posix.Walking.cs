using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>What the file system says of one name.</summary>
enum EntryKind
{
    File,
    Folder,
    Link,
    Other,
}

readonly record struct EntryFacts(EntryKind Kind, long SizeBytes, long ModifiedNanoseconds, ulong Inode);

/// <summary>Calls that go down a tree of somebody else's step by step, so that no symbolic link leads them out of it.</summary>
static partial class Posix
{
    const int PathOnly = 0x200000;
    const int NonBlocking = 0x800;
    const int NoFollowAt = 0x100;
    const int EffectiveAccess = 0x200;
    const int MayRead = 4;

    // Of asm/fcntl.h, where ARM has other numbers than everybody else.
    static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    static readonly int OnlyFolder = IsArm ? 0x4000 : 0x10000;
    static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens what lies at <paramref name="path"/> under <paramref name="root"/>; links are followed up to the root and not below it.</summary>
    /// <param name="path">Relative, with slashes; empty for the root itself.</param>
    /// <param name="errno">Why there is nothing, where that is the answer.</param>
    public static SafeFileHandle? OpenBeneath(string root, string path, bool folder, out int errno)
    {
        var segments = path.Length == 0 ? [] : path.Split('/');
        if (segments.Any(segment => segment is "" or "." or ".." || segment.Contains('\0', StringComparison.Ordinal)))
        {
            errno = ENOENT;
            return null;
        }
        var last = folder ? ReadOnly | OnlyFolder : ReadOnly | NonBlocking;
        if (segments.Length == 0)
            return Opened(open(root, last | CloseOnExec, 0), out errno);
        var at = Opened(open(root, PathOnly | OnlyFolder | CloseOnExec, 0), out errno);
        for (var n = 0; at is not null && n < segments.Length; n++)
        {
            var how = n < segments.Length - 1 ? PathOnly | OnlyFolder : last;
            using var parent = at;
            at = Opened(openat(parent, segments[n], how | NoFollow | CloseOnExec, 0), out errno);
        }
        return at;
    }

    /// <summary>Opens a folder in a folder, unless it is a link.</summary>
    public static SafeFileHandle? OpenFolderIn(SafeFileHandle parent, string name, out int errno) =>
        Opened(openat(parent, name, ReadOnly | OnlyFolder | NoFollow | CloseOnExec, 0), out errno);

    static SafeFileHandle? Opened(int descriptor, out int errno)
    {
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The names in a folder, as bytes; kinds where the file system gives them away.</summary>
    /// <exception cref="IOException">It cannot be read to its end.</exception>
    public static List<(byte[] Name, EntryKind? Kind)> NamesIn(SafeFileHandle folder)
    {
        // struct dirent of both glibc and musl on 64 bits.
        const int TypeOffset = 18;
        const int NameOffset = 19;
        var descriptor = openat(folder, ".", ReadOnly | OnlyFolder | CloseOnExec, 0);
        if (descriptor < 0)
            throw Failed("open", "a folder");
        var stream = fdopendir(descriptor);
        if (stream == 0)
        {
            _ = close(descriptor);
            throw Failed("fdopendir", "a folder");
        }
        try
        {
            var names = new List<(byte[], EntryKind?)>();
            while (true)
            {
                Marshal.SetLastSystemError(0);
                var entry = readdir(stream);
                if (entry == 0)
                    return Marshal.GetLastPInvokeError() == 0 ? names : throw Failed("readdir", "a folder");
                var name = NameAt(entry + NameOffset);
                if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                    continue;
                names.Add(
                    (
                        name,
                        Marshal.ReadByte(entry + TypeOffset) switch
                        {
                            4 => EntryKind.Folder,
                            8 => EntryKind.File,
                            10 => EntryKind.Link,
                            0 => null,
                            _ => EntryKind.Other,
                        }
                    )
                );
            }
        }
        finally
        {
            _ = closedir(stream);
        }
    }

    static unsafe byte[] NameAt(nint at) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)at).ToArray();

    /// <summary>What lies in a folder under a name, which is not followed if it is a link; null where nothing does (any more).</summary>
    public static EntryFacts? LookIn(SafeFileHandle folder, string name) => LookAt(folder, name, NoFollowAt);

    /// <summary>As <see cref="LookIn"/>, of what is open.</summary>
    public static EntryFacts? FactsOf(SafeFileHandle handle) => LookAt(handle, "", 0x1000);

    static unsafe EntryFacts? LookAt(SafeFileHandle handle, string name, int flags)
    {
        const uint TypeMtimeInodeSize = 0x1 | 0x40 | 0x100 | 0x200;
        var found = default(StatX);
        if (statx(handle, name, flags, TypeMtimeInodeSize, &found) != 0)
            return null;
        var kind = (found.Mode & 0xF000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Folder,
            0xA000 => EntryKind.Link,
            _ => EntryKind.Other,
        };
        return new EntryFacts(
            kind,
            (long)found.Size,
            (found.ModifiedSeconds * 1_000_000_000) + found.ModifiedNanoseconds,
            found.Inode
        );
    }

    /// <summary>Whether this process may read the file.</summary>
    public static bool IsReadable(SafeFileHandle folder, string name) =>
        faccessat(folder, name, MayRead, EffectiveAccess) == 0;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle folder, string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint fdopendir(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readdir(nint stream);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int closedir(nint stream);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int faccessat(SafeFileHandle folder, string path, int mode, int flags);
}
