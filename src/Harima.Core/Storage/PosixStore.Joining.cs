using System.Buffers;
using Harima.Faults;
using Harima.S3.Checksums;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>A run of bytes in a staged file.</summary>
sealed record Piece(string Blob, long OffsetBytes, long LengthBytes);

public sealed partial class PosixStore
{
    /// <summary>Writes a body at its place in a staged file that several parts share; the result describes that part alone.</summary>
    internal async Task<StagedBlob> StageAtAsync(
        string blob,
        long offsetBytes,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    )
    {
        RefuseWhatHasNoRoom(expected.LengthBytes);
        // Kept: the file belongs to the upload, not to this part.
        var part = new StagedBlob(blob, this) { Kept = true };
        try
        {
            using var handle = File.OpenHandle(
                PathOf(part),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete
            );
            using var sums = new ChecksumAccumulator(WantedFor(expected), md5: true);
            part.SizeBytes = await PumpAsync(body, handle, offsetBytes, sums, expected.LengthBytes, cancellationToken);
            Check(sums, expected);
            Describe(part, sums, expected);
            await SealAsync(part, handle);
            return part;
        }
        catch (IOException fault) when (Posix.IsFull(fault))
        {
            throw Full(fault);
        }
    }

    /// <summary>Cuts a shared file to its final length and gives it its identity.</summary>
    internal async Task<StagedBlob> TrimAsync(string blob, long lengthBytes)
    {
        var staged = new StagedBlob(blob, this) { SizeBytes = lengthBytes, Kept = true };
        using var handle = File.OpenHandle(
            PathOf(staged),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        if (RandomAccess.GetLength(handle) < lengthBytes)
            throw new FaultException(
                FaultCode.Damaged,
                "upload-damaged",
                "The parts of this upload are no longer complete on disk. Abort it and upload the file again."
            );
        RandomAccess.SetLength(handle, lengthBytes);
        await SealAsync(staged, handle);
        return staged;
    }

    /// <summary>Copies pieces of staged files into a new one.</summary>
    internal async Task<StagedBlob> JoinAsync(IReadOnlyList<Piece> pieces, CancellationToken cancellationToken)
    {
        RefuseWhatHasNoRoom(pieces.Sum(piece => piece.LengthBytes));
        var staged = NewStaged();
        try
        {
            using var target = Create(PathOf(staged), pieces.Sum(piece => piece.LengthBytes));
            foreach (var piece in pieces)
            {
                using var source = File.OpenHandle(
                    KeyPath.Staged(Root, piece.Blob),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete
                );
                await CopyAsync(source, piece, target, staged.SizeBytes, cancellationToken);
                staged.SizeBytes += piece.LengthBytes;
            }
            await SealAsync(staged, target);
            return staged;
        }
        catch (Exception fault)
        {
            staged.Dispose();
            if (fault is IOException io && Posix.IsFull(io))
                throw Full(io);
            throw;
        }
    }

    static async Task CopyAsync(
        SafeFileHandle source,
        Piece piece,
        SafeFileHandle target,
        long targetOffset,
        CancellationToken cancellationToken
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PumpBytes);
        try
        {
            for (long done = 0; done < piece.LengthBytes; )
            {
                var most = (int)Math.Min(PumpBytes, piece.LengthBytes - done);
                var read = await RandomAccess.ReadAsync(
                    source,
                    buffer.AsMemory(0, most),
                    piece.OffsetBytes + done,
                    cancellationToken
                );
                if (read == 0)
                    throw new FaultException(
                        FaultCode.Damaged,
                        "upload-damaged",
                        "The parts of this upload are no longer complete on disk. Abort it and upload the file again."
                    );
                await RandomAccess.WriteAsync(target, buffer.AsMemory(0, read), targetOffset + done, cancellationToken);
                done += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
