using System.Net;
using System.Threading.RateLimiting;
using Harima.S3.Errors;
using Microsoft.Extensions.Options;

namespace Harima.Gateway;

/// <summary>
/// A bucket of tokens for each access key, and for each address that shows none. Counted after the signature has been
/// verified: nobody uses up the tokens of a key whose secret they do not have.
/// </summary>
sealed class RateLimits(IOptions<GatewayOptions> options) : IDisposable
{
    readonly PartitionedRateLimiter<string>? _keys = Create<string>(
        options.Value.RequestsPerSecond,
        options.Value.Burst
    );
    readonly PartitionedRateLimiter<IPAddress>? _addresses = Create<IPAddress>(
        options.Value.AnonymousRequestsPerSecond,
        options.Value.Burst
    );

    /// <exception cref="S3Exception">SlowDown.</exception>
    public void Require(string accessKeyId) => Require(_keys, accessKeyId);

    /// <exception cref="S3Exception">SlowDown.</exception>
    public void RequireAnonymous(IPAddress? address) => Require(_addresses, address ?? IPAddress.None);

    public void Dispose()
    {
        _keys?.Dispose();
        _addresses?.Dispose();
    }

    static void Require<T>(PartitionedRateLimiter<T>? limiter, T who)
    {
        if (limiter is null)
            return;
        using var lease = limiter.AttemptAcquire(who);
        if (!lease.IsAcquired)
            throw S3Errors.SlowDown.Exception();
    }

    // Keys that rest are forgotten by the limiter itself.
    static PartitionedRateLimiter<T>? Create<T>(int perSecond, int burst)
        where T : notnull =>
        perSecond == 0
            ? null
            : PartitionedRateLimiter.Create<T, T>(who =>
                RateLimitPartition.GetTokenBucketLimiter(
                    who,
                    _ => new TokenBucketRateLimiterOptions
                    {
                        TokensPerPeriod = perSecond,
                        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                        TokenLimit = perSecond + burst,
                        QueueLimit = 0,
                    }
                )
            );
}
