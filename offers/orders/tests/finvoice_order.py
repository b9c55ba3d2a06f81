"""The order of all elements that Finvoice 3.0 has in the parents that we write.

From the published schema in its edition of 17 December 2020.
"""

from __future__ import annotations

#: Parent → the names of its children in their order.
ORDER: dict[str, str] = {
    "Finvoice": (
        "MessageTransmissionDetails SellerPartyDetails SellerOrganisationUnitNumber SellerSiteCode "
        "SellerContactPersonName SellerContactPersonFunction SellerContactPersonDepartment "
        "SellerCommunicationDetails SellerInformationDetails InvoiceSenderPartyDetails "
        "InvoiceRecipientPartyDetails InvoiceRecipientOrganisationUnitNumber InvoiceRecipientSiteCode "
        "InvoiceRecipientContactPersonName InvoiceRecipientContactPersonFunction "
        "InvoiceRecipientContactPersonDepartment InvoiceRecipientLanguageCode InvoiceRecipientCommunicationDetails "
        "BuyerPartyDetails BuyerOrganisationUnitNumber BuyerSiteCode BuyerContactPersonName "
        "BuyerContactPersonFunction BuyerContactPersonDepartment BuyerCommunicationDetails DeliveryPartyDetails "
        "DeliveryOrganisationUnitNumber DeliverySiteCode DeliveryContactPersonName DeliveryContactPersonFunction "
        "DeliveryContactPersonDepartment DeliveryCommunicationDetails DeliveryDetails AnyPartyDetails "
        "InvoiceDetails PaymentCardInfo DirectDebitInfo PaymentStatusDetails PartialPaymentDetails "
        "FactoringAgreementDetails VirtualBankBarcode InvoiceRow SpecificationDetails EpiDetails "
        "InvoiceUrlNameText InvoiceUrlText StorageUrlText LayOutIdentifier InvoiceSegmentIdentifier "
        "ControlChecksum MessageChecksum ControlStampText AcceptanceStampText OriginalInvoiceFormat "
        "AttachmentMessageDetails"
    ),
    "MessageTransmissionDetails": "MessageSenderDetails MessageReceiverDetails MessageDetails",
    "SellerPartyDetails": (
        "SellerPartyIdentifier SellerPartyIdentifierUrlText SellerOrganisationName SellerOrganisationTradingName "
        "SellerOrganisationDepartment SellerOrganisationTaxCode SellerOrganisationTaxCodeUrlText SellerCode "
        "SellerPostalAddressDetails"
    ),
    "SellerCommunicationDetails": "SellerPhoneNumberIdentifier SellerEmailaddressIdentifier",
    "SellerInformationDetails": (
        "SellerOfficialPostalAddressDetails SellerHomeTownName SellerVatRegistrationText SellerVatRegistrationDate "
        "SellerTaxRegistrationText SellerAdditionalLegalInfo SellerPhoneNumber SellerFaxNumber "
        "SellerCommonEmailaddressIdentifier SellerWebaddressIdentifier SellerFreeText SellerAccountDetails "
        "InvoiceRecipientDetails"
    ),
    "BuyerPartyDetails": (
        "BuyerPartyIdentifier BuyerOrganisationName BuyerOrganisationTradingName BuyerOrganisationDepartment "
        "BuyerOrganisationTaxCode BuyerCode BuyerPostalAddressDetails"
    ),
    "BuyerCommunicationDetails": "BuyerPhoneNumberIdentifier BuyerEmailaddressIdentifier",
    "InvoiceDetails": (
        "InvoiceTypeCode InvoiceTypeCodeUN InvoiceTypeText InvoiceClassification OriginCode OriginText "
        "InvoicedObjectID InvoiceNumber InvoiceDate OriginalInvoiceNumber OriginalInvoiceDate "
        "OriginalInvoiceReference InvoicingPeriodStartDate InvoicingPeriodEndDate SellerReferenceIdentifier "
        "SellerReferenceIdentifierUrlText BuyersSellerIdentifier SellersBuyerIdentifier OrderIdentifier "
        "OrderIdentifierUrlText OrderDate OrdererName SalesPersonName OrderConfirmationIdentifier "
        "OrderConfirmationDate AgreementIdentifier AgreementIdentifierUrlText AgreementTypeText AgreementTypeCode "
        "AgreementDate NotificationIdentifier NotificationDate RegistrationNumberIdentifier ControllerIdentifier "
        "ControllerName ControlDate BuyerReferenceIdentifier ProjectReferenceIdentifier DefinitionDetails "
        "RowsTotalVatExcludedAmount DiscountsTotalVatExcludedAmount ChargesTotalVatExcludedAmount "
        "InvoiceTotalVatExcludedAmount InvoiceTotalVatAmount InvoiceTotalVatAccountingAmount "
        "InvoiceTotalVatIncludedAmount InvoiceTotalRoundoffAmount InvoicePaidAmount ExchangeRate "
        "OtherCurrencyAmountVatExcludedAmount OtherCurrencyAmountVatIncludedAmount CreditLimitAmount "
        "CreditInterestPercent OperationLimitAmount MonthlyAmount ShortProposedAccountIdentifier "
        "NormalProposedAccountIdentifier ProposedAccountText AccountDimensionText SellerAccountText VatPoint "
        "VatSpecificationDetails InvoiceFreeText InvoiceVatFreeText PaymentTermsDetails DiscountDetails "
        "ChargeDetails TenderReference"
    ),
    "InvoiceRow": (
        "RowSubIdentifier InvoicedObjectID ArticleIdentifier ArticleGroupIdentifier ArticleName ArticleDescription "
        "ArticleInfoUrlText BuyerArticleIdentifier EanCode RowRegistrationNumberIdentifier SerialNumberIdentifier "
        "RowActionCode RowDefinitionDetails OfferedQuantity DeliveredQuantity OrderedQuantity ConfirmedQuantity "
        "PostDeliveredQuantity InvoicedQuantity CreditRequestedQuantity ReturnedQuantity StartDate EndDate "
        "UnitPriceAmount UnitPriceDiscountAmount UnitPriceNetAmount UnitPriceVatIncludedAmount "
        "UnitPriceBaseQuantity RowIdentifier RowIdentifierUrlText RowOrderPositionIdentifier RowIdentifierDate "
        "RowPositionIdentifier OriginalInvoiceNumber OriginalInvoiceDate OriginalInvoiceReference RowOrdererName "
        "RowSalesPersonName RowOrderConfirmationIdentifier RowOrderConfirmationDate RowDeliveryIdentifier "
        "RowDeliveryIdentifierUrlText RowDeliveryDate RowQuotationIdentifier RowQuotationIdentifierUrlText "
        "RowAgreementIdentifier RowAgreementIdentifierUrlText RowRequestOfQuotationIdentifier "
        "RowRequestOfQuotationIdentifierUrlText RowPriceListIdentifier RowPriceListIdentifierUrlText "
        "RowBuyerReferenceIdentifier RowProjectReferenceIdentifier RowOverDuePaymentDetails RowAnyPartyDetails "
        "RowDeliveryDetails RowShortProposedAccountIdentifier RowNormalProposedAccountIdentifier "
        "RowProposedAccountText RowAccountDimensionText RowSellerAccountText RowFreeText RowUsedQuantity "
        "RowPreviousMeterReadingDate RowLatestMeterReadingDate RowCalculatedQuantity RowAveragePriceAmount "
        "RowDiscountPercent RowDiscountAmount RowDiscountBaseAmount RowDiscountTypeCode RowDiscountTypeText "
        "RowProgressiveDiscountDetails RowChargeDetails RowVatRatePercent RowVatCode RowVatAmount "
        "RowVatExcludedAmount RowAmount RowTransactionDetails SubInvoiceRow"
    ),
    "EpiDetails": "EpiIdentificationDetails EpiPartyDetails EpiPaymentInstructionDetails",
    "MessageSenderDetails": "FromIdentifier FromIntermediator",
    "MessageReceiverDetails": "ToIdentifier ToIntermediator",
    "MessageDetails": (
        "MessageIdentifier MessageTimeStamp RefToMessageIdentifier ImplementationCode SpecificationIdentifier"
    ),
    "SellerPostalAddressDetails": (
        "SellerStreetName SellerTownName SellerPostCodeIdentifier SellerCountrySubdivision CountryCode CountryName "
        "SellerPostOfficeBoxIdentifier"
    ),
    "SellerAccountDetails": "SellerAccountID SellerBic SellerAccountName",
    "BuyerPostalAddressDetails": (
        "BuyerStreetName BuyerTownName BuyerPostCodeIdentifier BuyerCountrySubdivision CountryCode CountryName "
        "BuyerPostOfficeBoxIdentifier"
    ),
    "VatSpecificationDetails": (
        "VatBaseAmount VatRatePercent VatCode VatRateAmount VatFreeText VatExemptionReasonCode"
    ),
    "PaymentTermsDetails": (
        "PaymentTermsFreeText FreeText InvoiceDueDate CashDiscountDate CashDiscountBaseAmount CashDiscountPercent "
        "CashDiscountAmount CashDiscountExcludingVatAmount CashDiscountVatDetails ReducedInvoiceVatIncludedAmount "
        "PaymentOverDueFineDetails"
    ),
    "RowChargeDetails": "ReasonText ReasonCode Percent Amount BaseAmount",
    "EpiIdentificationDetails": "EpiDate EpiReference EpiUrl EpiEmail EpiOrderInfo",
    "EpiPartyDetails": "EpiBfiPartyDetails EpiBeneficiaryPartyDetails",
    "EpiPaymentInstructionDetails": (
        "EpiPaymentInstructionId EpiTransactionTypeCode EpiInstructionCode EpiRemittanceInfoIdentifier "
        "EpiInstructedAmount EpiCharge EpiDateOptionDate EpiPaymentMeansCode EpiPaymentMeansText"
    ),
    "PaymentOverDueFineDetails": ("PaymentOverDueFineFreeText PaymentOverDueFinePercent PaymentOverDueFixedAmount"),
    "EpiBfiPartyDetails": "EpiBfiIdentifier EpiBfiName",
    "EpiBeneficiaryPartyDetails": "EpiNameAddressDetails EpiBei EpiAccountID",
}
