using System.Net.Sockets;
using Harima.S3.Errors;

namespace Harima.Cli.Transfers;

/// <summary>Tries again what may only have had bad luck: a broken connection, a server that restarts.</summary>
static class Retry
{
    const int Attempts = 6;

    public static async Task<T> RunAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await act();
            }
            catch (Exception fault)
                when (attempt < Attempts && MayPass(fault) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(0.5 * (1 << (attempt - 1))), cancellationToken);
            }
        }
    }

    static bool MayPass(Exception fault) =>
        fault switch
        {
            S3Exception refused => refused.Error.Status is >= 500 or 429 or 408
                || refused.Error.Code is "BadDigest" or "IncompleteBody" or "RequestTimeout" or "SlowDown",
            HttpRequestException or HttpIOException or SocketException => true,
            // What breaks off inside a body comes as one of these; a local file's fault is another type or has no such cause.
            IOException { InnerException: SocketException or HttpIOException } => true,
            _ => false,
        };
}
