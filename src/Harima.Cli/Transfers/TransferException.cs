namespace Harima.Cli.Transfers;

/// <summary>Some files did not arrive; which and why has been said.</summary>
sealed class TransferException(string message) : Exception(message);
