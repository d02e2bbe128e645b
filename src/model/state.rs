//! Where the handshake and the record layer stand, as numbers and as text.

use std::ffi::CStr;

macro_rules! states {
    ($($name:ident = $openssl:literal, $short:literal, $long:literal;)*) => {
        /// OSSL_HANDSHAKE_STATE, what SSL_get_state(3) returns: as C sees it, `state as c_int`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(i32)]
        pub enum HandshakeState {
            $(#[doc = $openssl] $name,)*
        }

        impl HandshakeState {
            /// SSL_state_string(3).
            pub fn short(self) -> &'static CStr {
                match self {
                    $(Self::$name => $short,)*
                }
            }

            /// SSL_state_string_long(3).
            pub fn long(self) -> &'static CStr {
                match self {
                    $(Self::$name => $long,)*
                }
            }
        }
    };
}

// In OpenSSL's order: the numbers are part of the ABI.
states! {
    Before = "TLS_ST_BEFORE", c"PINIT", c"before SSL initialization";
    Ok = "TLS_ST_OK", c"SSLOK", c"SSL negotiation finished successfully";
    DtlsCrHelloVerifyRequest = "DTLS_ST_CR_HELLO_VERIFY_REQUEST", c"DRCHV", c"DTLS1 read hello verify request";
    CrSrvrHello = "TLS_ST_CR_SRVR_HELLO", c"TRSH", c"SSLv3/TLS read server hello";
    CrCert = "TLS_ST_CR_CERT", c"TRSC", c"SSLv3/TLS read server certificate";
    CrCertStatus = "TLS_ST_CR_CERT_STATUS", c"TRCS", c"SSLv3/TLS read certificate status";
    CrKeyExch = "TLS_ST_CR_KEY_EXCH", c"TRSKE", c"SSLv3/TLS read server key exchange";
    CrCertReq = "TLS_ST_CR_CERT_REQ", c"TRCR", c"SSLv3/TLS read server certificate request";
    CrSrvrDone = "TLS_ST_CR_SRVR_DONE", c"TRSD", c"SSLv3/TLS read server done";
    CrSessionTicket = "TLS_ST_CR_SESSION_TICKET", c"TRST", c"SSLv3/TLS read server session ticket";
    CrChange = "TLS_ST_CR_CHANGE", c"TRCCS", c"SSLv3/TLS read change cipher spec";
    CrFinished = "TLS_ST_CR_FINISHED", c"TRFIN", c"SSLv3/TLS read finished";
    CwClntHello = "TLS_ST_CW_CLNT_HELLO", c"TWCH", c"SSLv3/TLS write client hello";
    CwCert = "TLS_ST_CW_CERT", c"TWCC", c"SSLv3/TLS write client certificate";
    CwKeyExch = "TLS_ST_CW_KEY_EXCH", c"TWCKE", c"SSLv3/TLS write client key exchange";
    CwCertVrfy = "TLS_ST_CW_CERT_VRFY", c"TWCV", c"SSLv3/TLS write certificate verify";
    CwChange = "TLS_ST_CW_CHANGE", c"TWCCS", c"SSLv3/TLS write change cipher spec";
    CwNextProto = "TLS_ST_CW_NEXT_PROTO", c"TWNP", c"SSLv3/TLS write next proto";
    CwFinished = "TLS_ST_CW_FINISHED", c"TWFIN", c"SSLv3/TLS write finished";
    SwHelloReq = "TLS_ST_SW_HELLO_REQ", c"TWHR", c"SSLv3/TLS write hello request";
    SrClntHello = "TLS_ST_SR_CLNT_HELLO", c"TRCH", c"SSLv3/TLS read client hello";
    DtlsSwHelloVerifyRequest = "DTLS_ST_SW_HELLO_VERIFY_REQUEST", c"DWCHV", c"DTLS1 write hello verify request";
    SwSrvrHello = "TLS_ST_SW_SRVR_HELLO", c"TWSH", c"SSLv3/TLS write server hello";
    SwCert = "TLS_ST_SW_CERT", c"TWSC", c"SSLv3/TLS write certificate";
    SwKeyExch = "TLS_ST_SW_KEY_EXCH", c"TWSKE", c"SSLv3/TLS write key exchange";
    SwCertReq = "TLS_ST_SW_CERT_REQ", c"TWCR", c"SSLv3/TLS write certificate request";
    SwSrvrDone = "TLS_ST_SW_SRVR_DONE", c"TWSD", c"SSLv3/TLS write server done";
    SrCert = "TLS_ST_SR_CERT", c"TRCC", c"SSLv3/TLS read client certificate";
    SrKeyExch = "TLS_ST_SR_KEY_EXCH", c"TRCKE", c"SSLv3/TLS read client key exchange";
    SrCertVrfy = "TLS_ST_SR_CERT_VRFY", c"TRCV", c"SSLv3/TLS read certificate verify";
    SrNextProto = "TLS_ST_SR_NEXT_PROTO", c"TRNP", c"SSLv3/TLS read next proto";
    SrChange = "TLS_ST_SR_CHANGE", c"TRCCS", c"SSLv3/TLS read change cipher spec";
    SrFinished = "TLS_ST_SR_FINISHED", c"TRFIN", c"SSLv3/TLS read finished";
    SwSessionTicket = "TLS_ST_SW_SESSION_TICKET", c"TWST", c"SSLv3/TLS write session ticket";
    SwCertStatus = "TLS_ST_SW_CERT_STATUS", c"TWCS", c"SSLv3/TLS write certificate status";
    SwChange = "TLS_ST_SW_CHANGE", c"TWCCS", c"SSLv3/TLS write change cipher spec";
    SwFinished = "TLS_ST_SW_FINISHED", c"TWFIN", c"SSLv3/TLS write finished";
    SwEncryptedExtensions = "TLS_ST_SW_ENCRYPTED_EXTENSIONS", c"TWEE", c"TLSv1.3 write encrypted extensions";
    CrEncryptedExtensions = "TLS_ST_CR_ENCRYPTED_EXTENSIONS", c"TREE", c"TLSv1.3 read encrypted extensions";
    CrCertVrfy = "TLS_ST_CR_CERT_VRFY", c"TRSCV", c"TLSv1.3 read server certificate verify";
    SwCertVrfy = "TLS_ST_SW_CERT_VRFY", c"TWSCV", c"TLSv1.3 write server certificate verify";
    CrHelloReq = "TLS_ST_CR_HELLO_REQ", c"TRHR", c"SSLv3/TLS read hello request";
    SwKeyUpdate = "TLS_ST_SW_KEY_UPDATE", c"TWSKU", c"TLSv1.3 write server key update";
    CwKeyUpdate = "TLS_ST_CW_KEY_UPDATE", c"TWCKU", c"TLSv1.3 write client key update";
    SrKeyUpdate = "TLS_ST_SR_KEY_UPDATE", c"TRCKU", c"TLSv1.3 read client key update";
    CrKeyUpdate = "TLS_ST_CR_KEY_UPDATE", c"TRSKU", c"TLSv1.3 read server key update";
    EarlyData = "TLS_ST_EARLY_DATA", c"TED", c"TLSv1.3 early data";
    PendingEarlyDataEnd = "TLS_ST_PENDING_EARLY_DATA_END", c"TPEDE", c"TLSv1.3 pending early data end";
    CwEndOfEarlyData = "TLS_ST_CW_END_OF_EARLY_DATA", c"TWEOED", c"TLSv1.3 write end of early data";
    SrEndOfEarlyData = "TLS_ST_SR_END_OF_EARLY_DATA", c"TWEOED", c"TLSv1.3 read end of early data";
}

impl HandshakeState {
    /// SSL_state_string(3) after a fatal error, whatever the state.
    pub const ERROR_SHORT: &'static CStr = c"SSLERR";
    /// SSL_state_string_long(3) after a fatal error, whatever the state.
    pub const ERROR_LONG: &'static CStr = c"error";
}

/// Where the reading of a record stands: SSL_rstate_string(3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    /// SSL_ST_READ_HEADER
    ReadHeader,
    /// SSL_ST_READ_BODY
    ReadBody,
    /// SSL_ST_READ_DONE
    ReadDone,
}

impl RecordState {
    /// SSL_rstate_string(3).
    pub fn short(self) -> &'static CStr {
        match self {
            Self::ReadHeader => c"RH",
            Self::ReadBody => c"RB",
            Self::ReadDone => c"RD",
        }
    }

    /// SSL_rstate_string_long(3).
    pub fn long(self) -> &'static CStr {
        match self {
            Self::ReadHeader => c"read header",
            Self::ReadBody => c"read body",
            Self::ReadDone => c"read done",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HandshakeState as State;

    #[test]
    fn numbers_are_openssls() {
        assert_eq!(State::Before as i32, 0);
        assert_eq!(State::Ok as i32, 1);
        assert_eq!(State::CwClntHello as i32, 12);
        assert_eq!(State::SrClntHello as i32, 20);
        assert_eq!(State::SrEndOfEarlyData as i32, 49);
    }
}
