using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Microsoft.Extensions.Options;

namespace Harima.Mail;

/// <summary>Hands mail to the facility's server, where one is set up.</summary>
public sealed class SendMail(IOptions<MailOptions> options)
{
    public bool IsSetUp => options.Value is { Host: not null, From: not null };

    /// <summary>The address of a page of the portal; null where mail cannot know it.</summary>
    /// <param name="path">From the root, such as <c>/proposals/…</c>.</param>
    public string? LinkTo(string path) => options.Value.PortalUrl is { } portal ? portal.TrimEnd('/') + path : null;

    /// <summary>Does nothing where no server is set up.</summary>
    public async Task HandleAsync(string to, string subject, string body, CancellationToken cancellationToken)
    {
        var mail = options.Value;
        if (mail.Host is null || mail.From is null)
            return;
        using var client = new SmtpClient(mail.Host, mail.Port) { EnableSsl = mail.Tls };
        if (mail.UserName is not null)
            client.Credentials = new NetworkCredential(
                mail.UserName,
                mail.PasswordFile is null
                    ? ""
                    : (await File.ReadAllTextAsync(mail.PasswordFile, cancellationToken)).Trim()
            );
        using var message = new MailMessage(mail.From, to)
        {
            // A line end in a subject would be a header of its own.
            Subject = string.Concat(subject.Where(c => !char.IsControl(c))),
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.Base64,
            Body = body,
        };
        await client.SendMailAsync(message, cancellationToken);
    }
}
