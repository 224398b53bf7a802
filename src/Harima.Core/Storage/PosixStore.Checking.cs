using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Harima.S3.Checksums;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>The file that lies where a version should be.</summary>
/// <param name="IsThatVersion">Whether its size and modification time are the version's.</param>
sealed record FoundFile(SafeFileHandle Handle, bool IsThatVersion) : IDisposable
{
    public void Dispose() => Handle.Dispose();
}

public sealed partial class PosixStore
{
    /// <summary>False where the tree itself is not there, as when its file system is not mounted.</summary>
    internal bool IsThere() => Directory.Exists(Path.Combine(Root, KeyPath.Own, "staging"));

    /// <summary>Path of the plain file of a key; null where the tree cannot hold it.</summary>
    internal string? PathInTree(string folder, string key) => KeyPath.InTree(Root, folder, key);

    /// <summary>Opens whatever lies at the places of a version, that version first. Null where nothing does.</summary>
    internal FoundFile? FindForCheck(string folder, DataFile file)
    {
        FoundFile? other = null;
        foreach (var path in PlacesOf(folder, file))
        {
            if (TryOpen(path) is not { } handle)
                continue;
            if (IsThatVersion(handle, file))
            {
                other?.Dispose();
                return new FoundFile(handle, true);
            }
            if (other is null)
                other = new FoundFile(handle, false);
            else
                handle.Dispose();
        }
        return other;
    }

    /// <summary>Reads a stretch from the disk itself, without pushing other files out of the cache.</summary>
    /// <returns>How many bytes there were, and their CRC-64/NVME.</returns>
    internal static (long LengthBytes, Checksum Crc64) ReadForCheck(
        SafeFileHandle handle,
        long offsetBytes,
        long lengthBytes
    )
    {
        using var idle = Posix.ReadWhenIdle();
        Posix.Forget(handle, offsetBytes, lengthBytes);
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(lengthBytes, PumpBytes) + 1);
        long total = 0;
        try
        {
            while (total < lengthBytes)
            {
                var most = (int)Math.Min(buffer.Length, lengthBytes - total);
                var read = RandomAccess.Read(handle, buffer.AsSpan(0, most), offsetBytes + total);
                if (read == 0)
                    break;
                crc.Append(buffer.AsSpan(0, read));
                total += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Posix.Forget(handle, offsetBytes, lengthBytes);
        return (total, ToChecksum(crc));
    }

    internal static Checksum ToChecksum(Crc64 crc)
    {
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, crc.GetCurrentHashAsUInt64());
        return new Checksum(ChecksumAlgorithm.Crc64Nvme, Convert.ToBase64String(raw));
    }
}
