using Harima.Search.Index;

namespace Harima.Core.Tests.Search.Index;

public sealed class SharedWorkTests
{
    [Fact]
    public void Every_piece_is_done_once_however_many_help()
    {
        for (var pieces = 1; pieces < 40; pieces++)
        {
            var times = new int[pieces];
            SharedWork.Do(pieces, helpers: pieces % 5, piece => Interlocked.Increment(ref times[piece]));
            Assert.All(times, time => Assert.Equal(1, time));
        }
    }

    [Fact]
    public void What_a_piece_throws_comes_out_once_all_are_done()
    {
        var done = 0;
        var fault = Assert.Throws<InvalidOperationException>(() =>
            SharedWork.Do(
                20,
                helpers: 3,
                piece =>
                {
                    Interlocked.Increment(ref done);
                    if (piece == 4)
                        throw new InvalidOperationException("piece 4");
                }
            )
        );
        Assert.Equal(("piece 4", 20), (fault.Message, done));
    }

    [Fact]
    public async Task Nobody_waits_for_helpers_that_never_come()
    {
        // Whatever the pool does: everything is done by the one who asks, if nobody else has time.
        using var release = new ManualResetEventSlim();
        var busy = Enumerable
            .Range(0, ThreadPool.ThreadCount + Environment.ProcessorCount * 4)
            .Select(_ => Task.Run(() => release.Wait(TestContext.Current.CancellationToken)))
            .ToArray();
        var done = 0;
        var asking = new Thread(() => SharedWork.Do(10, helpers: 3, _ => Interlocked.Increment(ref done)));
        asking.Start();
        asking.Join();
        Assert.Equal(10, done);
        release.Set();
        await Task.WhenAll(busy);
    }
}
