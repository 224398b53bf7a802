using System.Buffers;
using System.IO.Hashing;
using System.IO.Pipelines;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>Writes an archive, or any range of one, as it was planned.</summary>
public sealed class SendArchive(ArchiveContents contents, FileStore files)
{
    // Large reads are what makes this faster than sendfile; the pipe's memory is pooled.
    const int ChunkBytes = 1 << 20;

    /// <param name="from">First byte of the archive to write.</param>
    /// <param name="to">The one after the last.</param>
    /// <exception cref="FaultException">
    /// Conflict where something in the archive has changed since it was planned, Damaged where stored bytes are wrong. What was
    /// written until then is no whole archive: the connection must be broken off.
    /// </exception>
    public async Task HandleAsync(
        ArchivePlan plan,
        Principal principal,
        long from,
        long to,
        PipeWriter writer,
        CancellationToken cancellationToken
    )
    {
        var layout = ArchiveLayout.Of(plan.Format);
        var window = new Window(writer, from, to, cancellationToken);
        var found = new Dictionary<string, uint>(StringComparer.Ordinal);
        if (from < plan.DirectoryOffset)
            await SendEntriesAsync(plan, principal, layout, window, found, cancellationToken);
        if (layout.HasDirectory && to > plan.DirectoryOffset)
            await SendDirectoryAsync(plan, principal, layout, window, found, cancellationToken);
        window.Position = plan.DirectoryOffset + plan.DirectoryBytes;
        await window.WriteAsync(layout.End(plan.FileCount, plan.DirectoryOffset, plan.DirectoryBytes));
    }

    async Task SendEntriesAsync(
        ArchivePlan plan,
        Principal principal,
        IArchiveLayout layout,
        Window window,
        Dictionary<string, uint> found,
        CancellationToken cancellationToken
    )
    {
        var first = LastMark(plan, mark => mark.Offset <= window.From);
        window.Position = plan.Marks[first].Offset;
        await foreach (var page in PlannedPagesAsync(plan, principal, first, cancellationToken))
        {
            await using var ahead = new ReadAhead(
                FarFiles(page, layout, window),
                (entry, token) => OpenAsync(page.Bucket, entry, token),
                cancellationToken
            );
            foreach (var entry in page.Entries)
            {
                if (window.IsPast)
                    return;
                var head = layout.Head(entry);
                if (window.Misses(head.Length + entry.SizeBytes + layout.TailBytes(entry)))
                    continue;
                await window.WriteAsync(head);
                if (entry.Text is not null)
                    await window.WriteAsync(entry.Text);
                else if (
                    await SendFileAsync(page.Bucket, entry, ahead, window, cancellationToken) is { } crc
                    && entry.Crc32 is null
                )
                    found[entry.File!.Blob] = crc;
                if (window.IsPast)
                    return;
                var tail = layout.Tail(entry);
                if (entry.IsDescribedAfter && layout.HasDirectory && window.Touches(tail.Length))
                    tail = layout.Tail(await WithSumAsync(page.Bucket, entry, found, cancellationToken));
                await window.WriteAsync(tail);
            }
        }
    }

    /// <summary>The files of a page that are wanted whole and have to be asked for elsewhere.</summary>
    List<ArchiveEntry> FarFiles(ArchivePage page, IArchiveLayout layout, Window window)
    {
        var far = new List<ArchiveEntry>();
        var offset = window.Position;
        foreach (var entry in page.Entries)
        {
            offset += layout.Head(entry).Length;
            if (entry.File is { } file && files.IsFar(file) && window.Holds(offset, entry.SizeBytes))
                far.Add(entry);
            offset += entry.SizeBytes + layout.TailBytes(entry);
        }
        return far;
    }

    async Task SendDirectoryAsync(
        ArchivePlan plan,
        Principal principal,
        IArchiveLayout layout,
        Window window,
        Dictionary<string, uint> found,
        CancellationToken cancellationToken
    )
    {
        var first = LastMark(plan, mark => plan.DirectoryOffset + mark.DirectoryOffset <= window.From);
        var offset = plan.Marks[first].Offset;
        window.Position = plan.DirectoryOffset + plan.Marks[first].DirectoryOffset;
        await foreach (var page in PlannedPagesAsync(plan, principal, first, cancellationToken))
        foreach (var entry in page.Entries)
        {
            if (window.IsPast)
                return;
            var record = layout.Record(entry, offset);
            // Only where the record is wanted: to find a checksum takes a reading of the file.
            if (window.Touches(record.Length) && entry.Crc32 is null)
                record = layout.Record(await WithSumAsync(page.Bucket, entry, found, cancellationToken), offset);
            await window.WriteAsync(record);
            offset += layout.Head(entry).Length + entry.SizeBytes + layout.TailBytes(entry);
        }
    }

    /// <summary>
    /// The entry with its checksum, for which a registered file must be read where neither the catalogue knows it nor it has just been
    /// sent whole.
    /// </summary>
    async Task<ArchiveEntry> WithSumAsync(
        Bucket bucket,
        ArchiveEntry entry,
        Dictionary<string, uint> found,
        CancellationToken cancellationToken
    )
    {
        if (entry.Crc32 is not null || entry.File is null)
            return entry;
        if (!found.TryGetValue(entry.File.Blob, out var known))
            known = found[entry.File.Blob] = await SumAsync(bucket, entry, cancellationToken);
        return entry with { Crc32 = known };
    }

    async Task<uint> SumAsync(Bucket bucket, ArchiveEntry entry, CancellationToken cancellationToken)
    {
        using var bytes = await OpenAsync(bucket, entry, cancellationToken);
        await bytes.ExpectAsync(0, entry.SizeBytes, cancellationToken);
        var crc = new Crc32();
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (long offset = 0; offset < entry.SizeBytes; )
            {
                var read = await bytes.ReadAsync(buffer, offset, cancellationToken);
                if (read == 0)
                    throw Damaged(entry);
                crc.Append(buffer.AsSpan(0, read));
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return crc.GetCurrentHashAsUInt32();
    }

    async Task<StoredBytes> OpenAsync(Bucket bucket, ArchiveEntry entry, CancellationToken cancellationToken)
    {
        var (file, bytes) = await files.OpenAsync(bucket, entry.File!, null, cancellationToken);
        // A registered file may have got its checksums meanwhile, and is the same.
        if (file.Blob == entry.File!.Blob)
            return bytes;
        bytes.Dispose();
        throw Changed();
    }

    /// <summary>The pages from a mark on, each checked to be what the plan saw before anything of it is sent.</summary>
    async IAsyncEnumerable<ArchivePage> PlannedPagesAsync(
        ArchivePlan plan,
        Principal principal,
        int first,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var n = first;
        var pages = contents.PagesAsync(principal, plan.Sources, plan.Marks[first].Place, cancellationToken);
        await foreach (var page in pages)
        {
            if (n == plan.Marks.Count || !page.Digest().AsSpan().SequenceEqual(plan.Marks[n].Digest))
                throw Changed();
            yield return page;
            n++;
        }
        if (n < plan.Marks.Count)
            throw Changed();
    }

    /// <returns>The checksum of the content, where all of it was sent.</returns>
    async Task<uint?> SendFileAsync(
        Bucket bucket,
        ArchiveEntry entry,
        ReadAhead ahead,
        Window window,
        CancellationToken cancellationToken
    )
    {
        var (start, end) = window.Part(entry.SizeBytes);
        if (start >= end)
        {
            window.Position += entry.SizeBytes;
            return null;
        }
        using var bytes = await ahead.TakeAsync(entry) ?? await OpenAsync(bucket, entry, cancellationToken);
        await bytes.ExpectAsync(start, end - start, cancellationToken);
        // A part of a file has no checksum; whoever unpacks the archive checks that of the whole.
        var crc = start == 0 ? new Crc32() : null;
        for (var offset = start; offset < end; )
        {
            var memory = window.Writer.GetMemory((int)Math.Min(ChunkBytes, end - offset));
            if (memory.Length > end - offset)
                memory = memory[..(int)(end - offset)];
            var read = await bytes.ReadAsync(memory, offset, cancellationToken);
            crc?.Append(memory.Span[..read]);
            offset += read;
            // Before the last bytes go out: so that a damaged file never looks whole.
            if (
                read == 0
                || (
                    offset == entry.SizeBytes
                    && entry.Crc32 is not null
                    && crc is not null
                    && crc.GetCurrentHashAsUInt32() != entry.Crc32
                )
            )
                throw Damaged(entry);
            await window.AdvanceAsync(read);
        }
        window.Position += entry.SizeBytes;
        return end == entry.SizeBytes ? crc?.GetCurrentHashAsUInt32() : null;
    }

    static int LastMark(ArchivePlan plan, Func<ArchiveMark, bool> isBefore)
    {
        var last = 0;
        while (last + 1 < plan.Marks.Count && isBefore(plan.Marks[last + 1]))
            last++;
        return last;
    }

    static FaultException Changed() =>
        Fault.Conflict(
            "archive-changed",
            "Something in this archive changed while it was being fetched. Fetch it again from the start."
        );

    static FaultException Damaged(ArchiveEntry entry) =>
        new(
            FaultCode.Damaged,
            "file-damaged",
            $"The stored bytes of '{entry.Name}' no longer match their checksum, so the archive was broken off. Tell the facility's staff."
        );

    /// <summary>The wanted range of the archive, passed over from left to right.</summary>
    sealed class Window(PipeWriter writer, long from, long to, CancellationToken cancellationToken)
    {
        public PipeWriter Writer { get; } = writer;
        public long From { get; } = from;

        /// <summary>Of what is written or passed over next.</summary>
        public long Position { get; set; }

        public bool IsPast => Position >= to;

        /// <summary>Whether some of the next bytes are wanted.</summary>
        public bool Touches(long length)
        {
            var (start, end) = Part(length);
            return start < end;
        }

        /// <summary>Whether all of a stretch of the archive is wanted.</summary>
        public bool Holds(long offset, long length) => offset >= From && offset + length <= to;

        /// <summary>Passes over what lies wholly before the range.</summary>
        public bool Misses(long length)
        {
            if (Position + length > From)
                return false;
            Position += length;
            return true;
        }

        /// <summary>Which part of the next <paramref name="length"/> bytes is wanted.</summary>
        public (long Start, long End) Part(long length) =>
            (Math.Clamp(From - Position, 0, length), Math.Clamp(to - Position, 0, length));

        public async Task WriteAsync(byte[] bytes)
        {
            var (start, end) = Part(bytes.Length);
            Position += bytes.Length;
            if (start >= end)
                return;
            var wanted = bytes.AsMemory((int)start, (int)(end - start));
            wanted.CopyTo(Writer.GetMemory(wanted.Length));
            await AdvanceAsync(wanted.Length);
        }

        public async Task AdvanceAsync(int bytes)
        {
            Writer.Advance(bytes);
            var flushed = await Writer.FlushAsync(cancellationToken);
            if (flushed.IsCompleted || flushed.IsCanceled)
                throw new OperationCanceledException("The reader has gone.");
        }
    }
}
