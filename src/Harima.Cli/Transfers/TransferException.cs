namespace Harima.Cli.Transfers;

/// <summary>A file did not arrive, or of many some; which and why has been said.</summary>
/// <param name="exitCode">Which kind of failure, as in <see cref="FaultToExitCode.Table"/>.</param>
sealed class TransferException(string message, int exitCode = FaultToExitCode.NotTransferred) : Exception(message)
{
    public int ExitCode => exitCode;
}
