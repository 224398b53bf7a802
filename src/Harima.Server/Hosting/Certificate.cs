using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Harima.Hosting;

/// <summary>
/// The certificate of both doors, read again when its file has changed: what renews certificates need not restart the server.
/// </summary>
sealed partial class Certificate(string file, string? keyFile, TimeProvider time, ILogger<Certificate> logger)
{
    static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    SslStreamCertificateContext _current = Load(file, keyFile);
    DateTime _writtenAt = File.GetLastWriteTimeUtc(file);
    DateTimeOffset _lookAt = time.GetUtcNow() + LookAgain;

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                if (time.GetUtcNow() >= _lookAt)
                    LookAtFile();
                return _current;
            }
        }
    }

    void LookAtFile()
    {
        _lookAt = time.GetUtcNow() + LookAgain;
        var writtenAt = File.GetLastWriteTimeUtc(file);
        if (writtenAt == _writtenAt)
            return;
        try
        {
            _current = Load(file, keyFile);
            _writtenAt = writtenAt;
        }
        catch (Exception failure)
        {
            // Certificate and key are two files, changed one after the other: the next look finds both.
            LogUnreadable(logger, file, failure);
        }
    }

    // With what stands below the certificate in the file: clients know the root only, not those in between.
    static SslStreamCertificateContext Load(string file, string? keyFile)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);
        return SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPemFile(file, keyFile),
            chain,
            offline: true
        );
    }

    [LoggerMessage(3011, LogLevel.Warning, "The certificate {File} has changed and cannot be read; the old one stays")]
    static partial void LogUnreadable(ILogger logger, string file, Exception failure);
}
