using System.Buffers;
using System.Globalization;
using System.Text;
using Harima.S3.Xml;

namespace Harima.S3.Sts;

/// <summary>Temporary credentials in an answer.</summary>
/// <param name="AccessKeyId">The key's id.</param>
/// <param name="SecretAccessKey">Its secret.</param>
/// <param name="SessionToken">What must be sent along.</param>
/// <param name="Expiration">When they end.</param>
public sealed record StsCredentials(
    string AccessKeyId,
    string SecretAccessKey,
    string SessionToken,
    DateTimeOffset Expiration
)
{
    /// <summary>The id alone: secrets stay out of logs.</summary>
    public override string ToString() => AccessKeyId;
}

/// <summary>An answer of the Security Token Service: <c>XResponse</c> around <c>XResult</c>.</summary>
public abstract record StsResponse : IS3Document
{
    const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <summary>Echoed at the end.</summary>
    public string RequestId { get; init; } = "";

    private protected abstract string Action { get; }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.Declaration();
        output.Write(Encoding.ASCII.GetBytes($"<{Action}Response xmlns=\"{Namespace}\">"));
        xml.Start(Encoding.ASCII.GetBytes(Action + "Result"));
        WriteResult(xml);
        xml.End(Encoding.ASCII.GetBytes(Action + "Result"));
        xml.Start("ResponseMetadata"u8);
        xml.Element("RequestId"u8, RequestId);
        xml.End("ResponseMetadata"u8);
        xml.End(Encoding.ASCII.GetBytes(Action + "Response"));
    }

    internal static void WriteError(
        IBufferWriter<byte> output,
        string type,
        string code,
        string message,
        string requestId
    )
    {
        var xml = new S3XmlWriter(output);
        xml.Declaration();
        output.Write(Encoding.ASCII.GetBytes($"<ErrorResponse xmlns=\"{Namespace}\">"));
        xml.Start("Error"u8);
        xml.Element("Type"u8, type);
        xml.Element("Code"u8, code);
        xml.Element("Message"u8, message);
        xml.End("Error"u8);
        xml.Element("RequestId"u8, requestId);
        xml.End("ErrorResponse"u8);
    }

    private protected abstract void WriteResult(S3XmlWriter xml);

    private protected static void Write(S3XmlWriter xml, StsCredentials credentials)
    {
        xml.Start("Credentials"u8);
        xml.Element("AccessKeyId"u8, credentials.AccessKeyId);
        xml.Element("SecretAccessKey"u8, credentials.SecretAccessKey);
        xml.Element("SessionToken"u8, credentials.SessionToken);
        xml.Element(
            "Expiration"u8,
            credentials.Expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        );
        xml.End("Credentials"u8);
    }

    private protected static void WriteUser(S3XmlWriter xml, string arn, string id)
    {
        xml.Start("AssumedRoleUser"u8);
        xml.Element("Arn"u8, arn);
        xml.Element("AssumedRoleId"u8, id);
        xml.End("AssumedRoleUser"u8);
    }
}

/// <summary>Answer of GetSessionToken.</summary>
public sealed record GetSessionTokenResponse(StsCredentials Credentials) : StsResponse
{
    private protected override string Action => "GetSessionToken";

    private protected override void WriteResult(S3XmlWriter xml) => Write(xml, Credentials);
}

/// <summary>Answer of AssumeRole.</summary>
public sealed record AssumeRoleResponse(StsCredentials Credentials, string Arn, string AssumedRoleId) : StsResponse
{
    private protected override string Action => "AssumeRole";

    private protected override void WriteResult(S3XmlWriter xml)
    {
        WriteUser(xml, Arn, AssumedRoleId);
        Write(xml, Credentials);
    }
}

/// <summary>Answer of AssumeRoleWithWebIdentity.</summary>
public sealed record AssumeRoleWithWebIdentityResponse(
    StsCredentials Credentials,
    string Arn,
    string AssumedRoleId,
    string Provider,
    string Audience,
    string Subject
) : StsResponse
{
    private protected override string Action => "AssumeRoleWithWebIdentity";

    private protected override void WriteResult(S3XmlWriter xml)
    {
        xml.Element("SubjectFromWebIdentityToken"u8, Subject);
        xml.Element("Audience"u8, Audience);
        WriteUser(xml, Arn, AssumedRoleId);
        Write(xml, Credentials);
        xml.Element("Provider"u8, Provider);
    }
}

/// <summary>Answer of GetCallerIdentity.</summary>
public sealed record GetCallerIdentityResponse(string Arn, string UserId, string Account) : StsResponse
{
    private protected override string Action => "GetCallerIdentity";

    private protected override void WriteResult(S3XmlWriter xml)
    {
        xml.Element("Arn"u8, Arn);
        xml.Element("UserId"u8, UserId);
        xml.Element("Account"u8, Account);
    }
}

/// <summary>A refusal of the Security Token Service.</summary>
public sealed record StsErrorDocument(bool IsOurs, string Code, string Message, string RequestId) : IS3Document
{
    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output) =>
        StsResponse.WriteError(output, IsOurs ? "Receiver" : "Sender", Code, Message, RequestId);
}
