using System.IO.Pipelines;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.Win32.SafeHandles;

namespace Harima.Gateway.Operations;

sealed class GetObject(FileQueries files, DamagedFiles damaged) : IS3Operation
{
    // Blocks this large go straight from the file into the connection's buffers, so memory does not grow with the object.
    const int BlockBytes = 1 << 20;

    public S3Action Action => S3Action.GetObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        using var opened = await files.OpenAsync(request.Principal, request.Bucket, request.Key, cancellationToken);
        var range = ObjectRead.Prepare(request, opened.File);
        // Whoever asks for checksums gets bytes that have them, or not all bytes.
        if (request.WantsChecksums() && range.LengthBytes == opened.File.SizeBytes)
            await SendVerifiedAsync(
                new VerifiedReading(opened, damaged),
                request.Response.BodyWriter,
                cancellationToken
            );
        else
            await SendAsync(opened.Handle, range, request.Response.BodyWriter, cancellationToken);
    }

    static async Task SendVerifiedAsync(VerifiedReading reading, PipeWriter writer, CancellationToken cancellationToken)
    {
        // Nothing has been sent when the first block fails, so a small object is refused in words; a large one breaks off.
        while (reading.Read(writer.GetMemory(BlockBytes).Span) is > 0 and var read)
        {
            writer.Advance(read);
            if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
                return;
        }
    }

    static async Task SendAsync(
        SafeFileHandle handle,
        ByteRange range,
        PipeWriter writer,
        CancellationToken cancellationToken
    )
    {
        for (var (offset, remaining) = (range.Start, range.LengthBytes); remaining > 0; )
        {
            var memory = writer.GetMemory((int)Math.Min(remaining, BlockBytes));
            if (memory.Length > remaining)
                memory = memory[..(int)remaining];
            var read = RandomAccess.Read(handle, memory.Span, offset);
            if (read == 0)
                throw new EndOfStreamException("The stored file is shorter than the catalogue says.");
            writer.Advance(read);
            offset += read;
            remaining -= read;
            var flushed = await writer.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
                return;
        }
    }
}
