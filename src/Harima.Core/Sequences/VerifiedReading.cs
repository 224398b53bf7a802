using System.IO.Hashing;
using Harima.Faults;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>
/// Reads an open file from its beginning while its CRC-64 is taken, and gives the last bytes away only if the whole is right. Whoever
/// passes the blocks on as they come can therefore never pass on a whole file that is damaged.
/// </summary>
public sealed class VerifiedReading(OpenedFile opened, DamagedFiles damaged)
{
    readonly Crc64 _crc = new(Crc64ParameterSet.Nvme);
    long _offset;

    /// <summary>Reads the next bytes.</summary>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="FaultException">Damaged, at the last block.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> block, CancellationToken cancellationToken)
    {
        var (file, left) = (opened.File, opened.File.SizeBytes - _offset);
        if (block.Length > left)
            block = block[..(int)left];
        if (block.IsEmpty)
            return 0;
        // Filled as far as there are bytes: the last block is the largest that can be kept back.
        var read = 0;
        for (int some; read < block.Length; read += some)
        {
            some = await opened.Bytes.ReadAsync(block[read..], _offset + read, cancellationToken);
            if (some == 0)
                break;
        }
        _crc.Append(block.Span[..read]);
        _offset += read;
        if (
            read < block.Length
            || (_offset == file.SizeBytes && file.HasSums && PosixStore.ToChecksum(_crc).Value != file.Crc64Nvme)
        )
        {
            damaged.Suspect(file);
            throw DamagedFiles.Refusal(file.Key);
        }
        return read;
    }
}
