using System.Text;
using Harima.Archives;
using Harima.Storage;

namespace Harima.Core.Tests.Archives;

/// <summary>Files are fetched a few ahead of their turn: in order, bounded, and none is left running behind.</summary>
public sealed class ReadAheadTests
{
    readonly List<Reading> _opened = [];
    int _running;
    int _mostRunning;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static List<ArchiveEntry> Files(params IEnumerable<long> sizes) =>
        [
            .. sizes.Select(
                (size, n) => new ArchiveEntry(FormattableString.Invariant($"{n:000}"), size, 0, default, null, null)
            ),
        ];

    ReadAhead Ahead(List<ArchiveEntry> files, TaskCompletionSource? gate = null, string? missing = null) =>
        new(
            files,
            async (file, cancellationToken) =>
            {
                if (file.Name == missing)
                    throw DamagedFiles.Refusal(file.Name);
                var reading = new Reading(this, file, gate);
                lock (_opened)
                    _opened.Add(reading);
                await Task.Yield();
                return reading;
            },
            Token
        );

    [Fact]
    public async Task Each_file_comes_at_its_turn_with_its_bytes_however_many_are_fetched_at_once()
    {
        var files = Files(Enumerable.Range(0, 200).Select(n => (long)(n % 7 * 13)));
        await using var ahead = Ahead(files);
        foreach (var file in files)
        {
            using var bytes = await ahead.TakeAsync(file);
            if (file.SizeBytes == 0)
            {
                Assert.Null(bytes);
                continue;
            }
            var buffer = new byte[file.SizeBytes + 1];
            Assert.Equal(file.SizeBytes, await bytes!.ReadAsync(buffer, 0, Token));
            Assert.Equal(Reading.TextOf(file), Encoding.ASCII.GetString(buffer, 0, (int)file.SizeBytes));
        }
        Assert.Equal(files.Count(file => file.SizeBytes > 0), _opened.Count);
        Assert.InRange(_mostRunning, 2, ReadAhead.MostFiles);
    }

    [Fact]
    public async Task Neither_more_files_nor_more_bytes_than_stated_are_held()
    {
        var many = Ahead(Files(Enumerable.Repeat(1L, 100)));
        await many.TakeAsync(Files(1)[0]);
        await many.DisposeAsync();
        Assert.Equal(ReadAhead.MostFiles, _opened.Count);

        _opened.Clear();
        var files = Files(Enumerable.Repeat(ReadAhead.LargestBytes, 20));
        await using var large = Ahead(files);
        var first = await large.TakeAsync(files[0]);
        var second = await large.TakeAsync(files[1]);
        Assert.Equal(ReadAhead.MostBytes / ReadAhead.LargestBytes, _opened.Count);
        // What is being sent counts too, until it has been.
        first!.Dispose();
        second!.Dispose();
        (await large.TakeAsync(files[2]))!.Dispose();
        Assert.Equal(ReadAhead.MostBytes / ReadAhead.LargestBytes + 2, _opened.Count);
    }

    [Fact]
    public async Task A_large_file_between_small_ones_is_left_to_its_turn()
    {
        var files = Files(5, ReadAhead.LargestBytes + 1, 5);
        await using var ahead = Ahead(files);
        Assert.NotNull(await ahead.TakeAsync(files[0]));
        Assert.Null(await ahead.TakeAsync(files[1]));
        Assert.NotNull(await ahead.TakeAsync(files[2]));
        Assert.DoesNotContain(_opened, reading => reading.File == files[1]);
    }

    [Fact]
    public async Task A_file_that_is_missing_is_told_of_at_its_turn_and_no_earlier()
    {
        var files = Files(5, 5, 5, 5);
        await using var ahead = Ahead(files, missing: "002");
        (await ahead.TakeAsync(files[0]))!.Dispose();
        (await ahead.TakeAsync(files[1]))!.Dispose();
        var refusal = await Assert.ThrowsAsync<Faults.FaultException>(async () => await ahead.TakeAsync(files[2]));
        Assert.Equal("file-damaged", refusal.Reason);
    }

    [Fact]
    public async Task Who_goes_away_leaves_no_reading_behind()
    {
        var gate = new TaskCompletionSource();
        var files = Files(Enumerable.Repeat(100L, 50));
        var ahead = Ahead(files, gate);
        var waiting = ahead.TakeAsync(files[0]).AsTask();
        while (Volatile.Read(ref _running) < ReadAhead.MostFiles)
            await Task.Delay(1, Token);
        Assert.False(waiting.IsCompleted);

        await ahead.DisposeAsync();

        Assert.Equal(0, _running);
        Assert.All(_opened, reading => Assert.True(reading.IsDisposed));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Stored bytes that take their time: until the gate opens, where there is one.</summary>
    sealed class Reading(ReadAheadTests tests, ArchiveEntry file, TaskCompletionSource? gate) : StoredBytes
    {
        public ArchiveEntry File => file;
        public bool IsDisposed { get; private set; }

        public static string TextOf(ArchiveEntry file) =>
            string.Concat(Enumerable.Repeat(file.Name, 400))[..(int)Math.Min(file.SizeBytes, 1200)];

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            long offsetBytes,
            CancellationToken cancellationToken
        )
        {
            var running = Interlocked.Increment(ref tests._running);
            lock (tests._opened)
                tests._mostRunning = Math.Max(tests._mostRunning, running);
            try
            {
                if (gate is not null)
                    await gate.Task.WaitAsync(cancellationToken);
                else
                    await Task.Yield();
                var text = Encoding.ASCII.GetBytes(TextOf(file));
                // A few bytes at a time, as from a network.
                var some = text.AsMemory((int)Math.Min(offsetBytes, text.Length));
                some = some[..Math.Min(some.Length, Math.Min(buffer.Length, 30))];
                some.CopyTo(buffer);
                return some.Length;
            }
            finally
            {
                Interlocked.Decrement(ref tests._running);
            }
        }

        protected override void Dispose(bool disposing) => IsDisposed = true;
    }
}
