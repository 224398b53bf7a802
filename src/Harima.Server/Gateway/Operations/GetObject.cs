using System.IO.Pipelines;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetObject(FileQueries files, DamagedFiles damaged, AccelRedirect accel, StoreRedirect store) : IS3Operation
{
    // Blocks go straight from the file into the connection's buffers, so memory does not grow with the object. Large ones are
    // faster (1.54 of nginx by 1 MiB, 1.39 by 64 KiB) but wait as long as the slowest client: only so many at once get them.
    const int BlockBytes = 1 << 20;
    const int SmallBlockBytes = 64 << 10;
    const int MostLarge = 64;

    int _large;

    public S3Action Action => S3Action.GetObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        using var opened = await files.OpenAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.VersionId,
            cancellationToken
        );
        var range = ObjectRead.Prepare(request, opened.File);
        if (accel.TryHandOff(request, opened, range) || store.TryRedirect(request, opened, range))
            return;
        await opened.Bytes.ExpectAsync(range.Start, range.LengthBytes, cancellationToken);
        var large = range.LengthBytes > SmallBlockBytes && Interlocked.Increment(ref _large) <= MostLarge;
        try
        {
            var block = large ? BlockBytes : SmallBlockBytes;
            // Whoever asks for checksums gets bytes that have them, or not all bytes.
            if (request.WantsChecksums() && range.LengthBytes == opened.File.SizeBytes)
                await SendVerifiedAsync(new(opened, damaged), block, request.Response.BodyWriter, cancellationToken);
            else
                await SendAsync(opened.Bytes, range, block, request.Response, cancellationToken);
        }
        finally
        {
            if (range.LengthBytes > SmallBlockBytes)
                Interlocked.Decrement(ref _large);
        }
    }

    static async Task SendVerifiedAsync(
        VerifiedReading reading,
        int blockBytes,
        PipeWriter writer,
        CancellationToken cancellationToken
    )
    {
        // Nothing has been sent when the first block fails, so a small object is refused in words; a large one breaks off.
        while (await reading.ReadAsync(writer.GetMemory(blockBytes), cancellationToken) is > 0 and var read)
        {
            writer.Advance(read);
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
                return;
        }
    }

    static async Task SendAsync(
        StoredBytes bytes,
        ByteRange range,
        int blockBytes,
        HttpResponse response,
        CancellationToken cancellationToken
    )
    {
        // Without this the first block would be copied once more behind the headers.
        await response.StartAsync(cancellationToken);
        var writer = response.BodyWriter;
        for (var (offset, remaining) = (range.Start, range.LengthBytes); remaining > 0; )
        {
            var memory = writer.GetMemory((int)Math.Min(remaining, blockBytes));
            if (memory.Length > remaining)
                memory = memory[..(int)remaining];
            var read = await bytes.ReadAsync(memory, offset, cancellationToken);
            if (read == 0)
                throw new EndOfStreamException("The stored file is shorter than the catalogue says.");
            writer.Advance(read);
            offset += read;
            remaining -= read;
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
                return;
        }
    }
}
