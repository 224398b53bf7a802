using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Harima.S3.Checksums;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>What lies where a version should be.</summary>
abstract class FoundFile(long sizeBytes, bool isThatVersion) : IDisposable
{
    public long SizeBytes { get; } = sizeBytes;

    /// <summary>Whether it looks like that version before it is read.</summary>
    public bool IsThatVersion { get; } = isThatVersion;

    /// <summary>Reads a stretch from the medium itself.</summary>
    /// <returns>How many bytes there were, and their CRC-64/NVME.</returns>
    public abstract ValueTask<(long LengthBytes, Checksum Crc64)> ReadAsync(
        long offsetBytes,
        long lengthBytes,
        CancellationToken cancellationToken
    );

    public abstract void Dispose();
}

public sealed partial class PosixStore
{
    /// <summary>False where the tree itself is not there, as when its file system is not mounted.</summary>
    internal override ValueTask<bool> IsThereAsync(CancellationToken cancellationToken) =>
        new(Directory.Exists(Path.Combine(Root, KeyPath.Own, "staging")));

    /// <summary>Path of the plain file of a key; null where the tree cannot hold it.</summary>
    internal override string? PlaceOf(string folder, string key, string blob) => KeyPath.InTree(Root, folder, key);

    /// <summary>Opens whatever lies at the places of a version, that version first. Null where nothing does.</summary>
    internal override ValueTask<FoundFile?> FindForCheckAsync(
        string folder,
        DataFile file,
        CancellationToken cancellationToken
    ) => new(FindForCheck(folder, file));

    FileOnDisk? FindForCheck(string folder, DataFile file)
    {
        FileOnDisk? other = null;
        foreach (var path in PlacesOf(folder, file))
        {
            if (TryOpen(path) is not { } handle)
                continue;
            if (IsThatVersion(handle, file))
            {
                other?.Dispose();
                return new FileOnDisk(handle, true);
            }
            if (other is null)
                other = new FileOnDisk(handle, false);
            else
                handle.Dispose();
        }
        return other;
    }

    /// <summary>For a file that lies elsewhere on this machine.</summary>
    internal static FoundFile OpenedForCheck(SafeFileHandle handle) => new FileOnDisk(handle, true);

    /// <summary>Reads a stretch from the disk itself, without pushing other files out of the cache.</summary>
    /// <returns>How many bytes there were, and their CRC-64/NVME.</returns>
    static (long LengthBytes, Checksum Crc64) ReadForCheck(SafeFileHandle handle, long offsetBytes, long lengthBytes)
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

    sealed class FileOnDisk(SafeFileHandle handle, bool isThatVersion)
        : FoundFile(RandomAccess.GetLength(handle), isThatVersion)
    {
        public override ValueTask<(long LengthBytes, Checksum Crc64)> ReadAsync(
            long offsetBytes,
            long lengthBytes,
            CancellationToken cancellationToken
        ) => new(ReadForCheck(handle, offsetBytes, lengthBytes));

        public override void Dispose() => handle.Dispose();
    }

    internal static Checksum ToChecksum(Crc64 crc)
    {
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, crc.GetCurrentHashAsUInt64());
        return new Checksum(ChecksumAlgorithm.Crc64Nvme, Convert.ToBase64String(raw));
    }
}
