using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Harima.Cli.Transfers;

/// <summary>CRC-64/NVME of local bytes, as S3 writes it.</summary>
static class Checksums
{
    const int BufferBytes = 1 << 20;

    public static async Task<string> Crc64Async(string file, CancellationToken cancellationToken)
    {
        using var handle = File.OpenHandle(file);
        return await Crc64Async(handle, 0, RandomAccess.GetLength(handle), cancellationToken);
    }

    public static async Task<string> Crc64Async(
        SafeFileHandle handle,
        long offset,
        long length,
        CancellationToken cancellationToken
    )
    {
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var end = offset + length; offset < end; )
            {
                var wanted = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - offset));
                var read = await RandomAccess.ReadAsync(handle, wanted, offset, cancellationToken);
                if (read == 0)
                    break;
                crc.Append(buffer.AsSpan(0, read));
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        var raw = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, crc.GetCurrentHashAsUInt64());
        return Convert.ToBase64String(raw);
    }
}
