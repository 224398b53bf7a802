using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using Harima.Catalogue;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

public sealed partial class PosixStore
{
    // Files that were touched from outside but whose bytes proved to be right: (blob, mtime) -> true.
    readonly ConcurrentDictionary<(string Blob, DateTime Mtime), bool> _proven = new();

    /// <summary>
    /// Opens exactly the bytes <paramref name="file"/> describes: size and modification time on disk identify the version, so a
    /// reader that raced an overwrite never gets new bytes under an old ETag. Null if they are not (or no longer) there.
    /// </summary>
    internal override StoredBytes? TryOpen(string folder, DataFile file)
    {
        foreach (var path in PlacesOf(folder, file))
        {
            if (TryOpen(path) is not { } handle)
                continue;
            if (IsThatVersion(handle, file))
                return new FileBytes(handle);
            handle.Dispose();
        }
        return null;
    }

    /// <summary>
    /// Opens a file whose modification time was changed from outside (a copy, a touch, a restore), if its bytes still have the
    /// size and the CRC-64 of the catalogue. Reads the whole file once.
    /// </summary>
    internal override StoredBytes? TryOpenByContent(string folder, DataFile file)
    {
        foreach (var path in PlacesOf(folder, file))
        {
            if (TryOpen(path) is not { } handle)
                continue;
            if (HasContent(handle, file))
                return new FileBytes(handle);
            handle.Dispose();
        }
        return null;
    }

    /// <summary>Path of the plain file in the tree, for a person or an HPC node; null where the tree cannot hold the key.</summary>
    internal string? PathInTree(string folder, DataFile file) =>
        file.Location == Location.Tree ? KeyPath.InTree(Root, folder, file.Key) : null;

    IEnumerable<string> PlacesOf(string folder, DataFile file)
    {
        if (file.IsNoncurrent)
            yield return KeyPath.Version(Root, file.Blob);
        var tree = KeyPath.InTree(Root, folder, file.Key);
        if (file.Location == Location.Tree && tree is not null)
            yield return tree;
        yield return KeyPath.Staged(Root, file.Blob);
        yield return KeyPath.Odd(Root, folder, file.Key);
        if (!file.IsNoncurrent)
            yield return KeyPath.Version(Root, file.Blob);
    }

    /// <summary>Whether these are the bytes that were stored, whatever their modification time says.</summary>
    bool HasContent(SafeFileHandle handle, DataFile file)
    {
        var proof = (file.Blob, File.GetLastWriteTimeUtc(handle));
        if (RandomAccess.GetLength(handle) != file.SizeBytes)
            return false;
        if (!_proven.ContainsKey(proof) && Crc64Of(handle) != file.Crc64Nvme)
            return false;
        _proven[proof] = true;
        return true;
    }

    static bool IsThatVersion(SafeFileHandle handle, DataFile file) =>
        Posix.Look(handle) is { } found
        && found.SizeBytes == file.SizeBytes
        && found.ModifiedNanoseconds == file.ModifiedAt.ToMicroseconds() * 1000;

    static SafeFileHandle? TryOpen(string path) => Posix.TryOpenToRead(path);

    static string Crc64Of(SafeFileHandle handle)
    {
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        var buffer = ArrayPool<byte>.Shared.Rent(PumpBytes);
        try
        {
            long offset = 0;
            for (int read; (read = RandomAccess.Read(handle, buffer, offset)) > 0; offset += read)
                crc.Append(buffer.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Span<byte> raw = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(raw, crc.GetCurrentHashAsUInt64());
        return Convert.ToBase64String(raw);
    }
}
